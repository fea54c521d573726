// Made from the OpenAPI document by clients/generator, not by hand.

/** What the service refuses (RFC 9457). */
export class TrothProblem extends Error {
  readonly status: number;
  readonly problem: Problem;
}

export interface Settings {
  /** Where the service is. */
  address: string;
  /** A key, a token of a person, or what gives one for each request. */
  credentials: string | (() => string | Promise<string>);
  fetch?: typeof fetch;
  /** Waits so many seconds before a request is sent again. */
  pause?: (seconds: number) => Promise<void>;
}

export interface Once {
  /** The Idempotency-Key; without one each call has its own. */
  once?: string;
}

/** The service at an address, called with a key or with a token of a person. */
export class Troth {
  constructor(settings: Settings);

  /** The question to show a person now. */
  questionShow(asked?: { account?: string; locale?: string }): Promise<QuestionShown>;

  /** Whether a person may go on. */
  continueMay(asked?: { account?: string; locale?: string }): Promise<MayContinue>;

  /** Record a choice. */
  choicesMake(body: ChoiceBody, once?: Once): Promise<ChoiceMade>;

  /** How choices stand. */
  choicesStanding(asked?: { account?: string }): Promise<Standing>;

  /** The history of choices. */
  choicesHistory(asked?: { account?: string; limit?: number; cursor?: string }): Promise<ChoiceHistory>;

  /** The terms that are served. */
  termsList(): Promise<TermsTold>;

  /** One version of the terms. */
  termsShow(version: string): Promise<VersionShown>;

  /** Notices by version and locale. */
  noticesList(asked?: { version?: string; locale?: string }): Promise<NoticesTold>;

  /** One notice. */
  noticesShow(digest: string): Promise<NoticeShown>;

  /** Acknowledge terms. */
  termsAcknowledge(body: AcknowledgeBody, once?: Once): Promise<Acknowledged>;

  /** Record what happened. */
  eventsRecord(body: EventsBody, once?: Once): Promise<EventsRecorded>;

  /** Decide one record. */
  decisionsOne(body: DecisionBody, once?: Once): Promise<DecisionTold>;

  /** Decide many records. */
  decisionsMany(body: DecisionsBody, once?: Once): Promise<Decisions>;

  /** A person's conversations, and whether each is in reach. */
  conversationsList(asked?: { account?: string; purpose?: "review.human" | "sell" | "serve" | "share.third_party" | "train.general" | "train.safety"; limit?: number; cursor?: string }): Promise<Talks>;

  /** Delete a conversation. */
  conversationsDelete(conversation: string, asked?: { account?: string }, once?: Once): Promise<TalkDeleted>;

  /** What somebody's words were used for. */
  usesShow(asked?: { account?: string; conversation?: string }): Promise<Uses>;

  /** A receipt. */
  receiptsShow(asked?: { account?: string; conversation?: string; lineage?: boolean }): Promise<string>;

  /** Take a person's request in. */
  requestsMake(body: RequestBody, once?: Once): Promise<RequestTold>;

  /** Requests and when they are due. */
  requestsList(asked?: { account?: string; state?: "answered" | "open" | "refused"; limit?: number; cursor?: string }): Promise<Requests>;

  /** Close a request. */
  requestsClose(request: string, body: CloseBody, once?: Once): Promise<RequestTold>;

  /** Export what is held of a person. */
  exportsMake(body: ExportBody, once?: Once): Promise<JobTold>;

  /** Erase. */
  erasuresMake(body: ErasureBody, once?: Once): Promise<JobTold>;

  /** Build a release. */
  buildsMake(body: BuildBody, once?: Once): Promise<JobTold>;

  /** Simulate a change of the terms. */
  simulationsMake(body: SimulationBody, once?: Once): Promise<JobTold>;

  /** Verify a release. */
  verificationsMake(body: VerificationBody, once?: Once): Promise<JobTold>;

  /** A job. */
  jobsShow(job: string): Promise<JobTold>;

  /** The result of a job. */
  jobsResult(job: string): Promise<unknown>;

  /** Legal holds. */
  holdsList(asked?: { limit?: number; cursor?: string }): Promise<Holds>;

  /** Place a hold. */
  holdsPlace(body: HoldBody, once?: Once): Promise<HoldTold>;

  /** Release a hold. */
  holdsRelease(hold: string, once?: Once): Promise<HoldTold>;

  /** Webhooks. */
  webhooksList(): Promise<Webhooks>;

  /** Add a webhook. */
  webhooksMake(body: WebhookBody, once?: Once): Promise<WebhookTold>;

  /** End a webhook. */
  webhooksEnd(webhook: string, once?: Once): Promise<WebhookTold>;

  /** What was sent to a webhook. */
  deliveriesList(webhook: string, asked?: { limit?: number; cursor?: string }): Promise<Deliveries>;

  /** Send an event again. */
  deliveriesReplay(delivery: string, once?: Once): Promise<DeliveryTold>;

  /** The keys of the service. */
  keysList(): Promise<Keys>;

  /** Revoke a key. */
  keysRevoke(key: string, once?: Once): Promise<Revoked>;

  /** What operators did. */
  actsList(asked?: { limit?: number; cursor?: string }): Promise<Acts>;
}

/** That a person acknowledged a version of the terms. It is no choice, and never a yes to one. */
export interface AcknowledgeBody {
  version: string;
  account?: string | null;
}

/** An acknowledgement as it was recorded. */
export interface Acknowledged {
  id: string;
  at: string;
  account: string;
  version: string;
}

/** What an operator did, or was refused. */
export interface ActTold {
  index: number;
  at: string;
  act: string;
  by: string;
  role: string;
  allowed: boolean;
}

/** Acts, the newest first. */
export interface Acts {
  acts: ActTold[];
  next?: string | null;
}

/** Something that was made: weights, or what else. */
export interface ArtefactTold {
  digest: string;
  made: string;
  name: string;
  made_from: string[];
}

/** A release of what may be used for a purpose at a time, under a name; `seed` says which `sample` is kept. */
export interface BuildBody {
  name: string;
  purpose: "review.human" | "sell" | "serve" | "share.third_party" | "train.general" | "train.safety";
  at: string;
  seed: number;
  sample?: number;
}

/** A choice. Who is asked by a person's token leaves `account` out. */
export interface ChoiceBody {
  choice: string;
  value: "deferred" | "granted" | "refused";
  account?: string | null;
  conversation?: string | null;
  project?: string | null;
  mechanism?: "dialog" | "settings" | "signup";
  initial_state?: "none" | "off" | "on";
  period?: string | null;
  notice?: string | null;
  notice_digest?: string | null;
  layout_digest?: string | null;
  locale?: string | null;
  shown_at?: string | null;
}

/** Choices, the newest first. */
export interface ChoiceHistory {
  choices: ChoiceMade[];
  next?: string | null;
}

/** A choice as it was recorded. It is durable, and bites with the next decision. */
export interface ChoiceMade {
  id: string;
  at: string;
  choice: string;
  value: string;
  account?: string | null;
  organisation?: string | null;
  conversation?: string | null;
  project?: string | null;
  mechanism?: string | null;
  initial_state?: string | null;
  period?: string | null;
  notice?: string | null;
  notice_digest?: string | null;
  layout_digest?: string | null;
  locale?: string | null;
  shown_at?: string | null;
}

/** How one choice stands. */
export interface ChoiceStands {
  choice: string;
  state: "granted" | "refused" | "undecided" | "withdrawn";
  by: "account" | "organisation";
  fixed: boolean;
  on_unless_refused: boolean;
  question: string;
  since?: string | null;
  deadline?: string | null;
}

/** What a version asks. */
export interface ChoiceTold {
  choice: string;
  question: string;
  by: string;
  after_deadline: string;
  deadline?: string | null;
}

/** How it ended. */
export interface CloseBody {
  state: "answered" | "refused";
}

/** May this record be used for this purpose? `at` is a moment that has passed; without it, now. */
export interface DecisionBody {
  purpose: "review.human" | "sell" | "serve" | "share.third_party" | "train.general" | "train.safety";
  conversation: string;
  record: string;
  said?: SaidBody | null;
  at?: string | null;
}

/** A decision with its reason, and how long the record may be kept. */
export interface DecisionTold {
  conversation: string;
  record: string;
  allow: boolean;
  reason: string;
  words: string;
  erasable: boolean;
  rule?: string;
  clause?: string;
  keep_until?: string | null;
}

/** Decisions, in the order in which they were asked for. */
export interface Decisions {
  at: string;
  decisions: DecisionTold[];
}

/** The same for many records. */
export interface DecisionsBody {
  purpose: "review.human" | "sell" | "serve" | "share.third_party" | "train.general" | "train.safety";
  records: RecordAsked[];
  at?: string | null;
}

/** Deliveries, the newest first. */
export interface Deliveries {
  deliveries: DeliveryTold[];
  next?: string | null;
}

/** One event for one receiver, and how far it came. */
export interface DeliveryTold {
  id: string;
  event: string;
  type: string;
  state: "failed" | "gone" | "sent" | "waiting";
  attempts: number;
  made: string;
  answer?: number | null;
}

/** What is to go: one conversation, or everything that an account said; and why. */
export interface ErasureBody {
  why: string;
  account?: string | null;
  conversation?: string | null;
}

/** Events in the public format of histories (docs/formats/history.md), each with an `id` of its own. */
export interface EventsBody {
  events: (Record<string, unknown>)[];
}

/** How many events are durable now. */
export interface EventsRecorded {
  recorded: number;
}

/** Whose data. Who asks by a person's token leaves `account` out. */
export interface ExportBody {
  account?: string | null;
}

/** A hold, its reason, and what it covers: whatever matches all that is given; nothing given covers everything. */
export interface HoldBody {
  hold: string;
  accounts?: string[] | null;
  conversations?: string[] | null;
  plans?: string[] | null;
  exclude_plans?: string[] | null;
  regions?: string[] | null;
  exclude_regions?: string[] | null;
  since?: string | null;
  until?: string | null;
  why?: string | null;
}

/** A hold as it stands. */
export interface HoldTold {
  hold: string;
  placed: string;
  stands: boolean;
  released?: string | null;
  accounts?: string[] | null;
  conversations?: string[] | null;
  plans?: string[] | null;
  exclude_plans?: string[] | null;
  regions?: string[] | null;
  exclude_regions?: string[] | null;
  since?: string | null;
  until?: string | null;
  why?: string | null;
}

/** Holds, in the order in which they were placed. There may be fewer than asked for, and more behind ``next``. */
export interface Holds {
  holds: HoldTold[];
  next?: string | null;
}

/** A job: what it is, and how far it has come. When it is done its result can be fetched for a day. */
export interface JobTold {
  id: string;
  kind: "build" | "chosen" | "erase" | "export" | "reach" | "retain" | "simulate" | "verify";
  state: "done" | "failed" | "queued" | "running";
  made: string;
  changed: string;
  progress?: string | null;
  problem?: string | null;
  result?: string | null;
}

/** How long a version keeps things. */
export interface KeepingTold {
  id: string;
  kind: string;
  period: string;
  clock: string;
  clause: string;
  text: string;
}

/** A key of the service; not the key itself. */
export interface KeyTold {
  id: string;
  role: string;
  scopes: string[];
  name: string;
  made: string;
  organisation?: string | null;
  revoked?: string | null;
}

/** Every key. */
export interface Keys {
  keys: KeyTold[];
}

/** In which order the answers stand for this person, how they look, and the digest of it all. */
export interface LayoutShown {
  order: "no-first" | "yes-first";
  style: StyleShown;
  digest: string;
}

/** Whether a person may go on. */
export interface MayContinue {
  may_continue: boolean;
  why: string;
  words: string;
  deadline?: string | null;
}

/** A notice: the words of a question. */
export interface NoticeShown {
  terms: string;
  version: string;
  choice: string;
  locale: string;
  title: string;
  digest: string;
  question?: string;
  words?: Record<string, string>;
}

/** Every notice, by version, choice and locale. */
export interface NoticesTold {
  notices: NoticeShown[];
}

/** The body of every answer that is an error. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  remedy?: string;
  request?: string;
}

/** The question to show, or none, and why. */
export interface QuestionShown {
  show: boolean;
  why: string;
  words: string;
  may_continue: boolean;
  deferrals_left: number;
  stage?: "existing" | "renewal" | "signup" | null;
  notice?: NoticeShown | null;
  layout?: LayoutShown | null;
  effective?: string | null;
  deadline?: string | null;
  after_deadline?: string | null;
  again_at?: string | null;
}

/** One record in its conversation. */
export interface RecordAsked {
  conversation: string;
  record: string;
  said?: SaidBody | null;
}

/** What a person asks for. Who asks by a person's token leaves `account` out. */
export interface RequestBody {
  kind: "access" | "correct" | "erase" | "export" | "object";
  account?: string | null;
}

/** A request. Once it is closed, nothing says any more whose it was. */
export interface RequestTold {
  id: string;
  kind: "access" | "correct" | "erase" | "export" | "object";
  state: "answered" | "open" | "refused";
  made: string;
  due: string;
  overdue: boolean;
  account?: string | null;
  closed?: string | null;
}

/** Requests: what is due first comes first. */
export interface Requests {
  requests: RequestTold[];
  next?: string | null;
}

/** A key that is revoked. */
export interface Revoked {
  id: string;
}

/** What a version says of some purposes. */
export interface RuleTold {
  id: string;
  effect: string;
  purposes: string[];
  reason: string;
  clause: string;
  text: string;
}

/** What whoever asks knows of a record that the workspace does not hold. */
export interface SaidBody {
  at: string;
  account?: string | null;
  role?: string;
  kind?: string;
  product?: string;
  channel?: string;
  plan?: string | null;
}

/** Terms that are not published yet, as the text of a terms file, and for which purposes to decide. */
export interface SimulationBody {
  terms: string;
  purposes: ("review.human" | "sell" | "serve" | "share.third_party" | "train.general" | "train.safety")[];
}

/** How everything stands for a person. */
export interface Standing {
  account: string;
  state: string;
  plan: string;
  choices: ChoiceStands[];
  terms: string;
  version?: string | null;
  in_force?: string | null;
  organisation?: string | null;
}

/** How the question looks: what a product may choose. Both answers have one look. */
export interface StyleShown {
  light: Record<string, string>;
  dark: Record<string, string>;
  font: string;
  font_size: number;
  radius: number;
}

/** A deletion as it was recorded: from now on the conversation is used for nothing. */
export interface TalkDeleted {
  id: string;
  at: string;
  conversation: string;
}

/** A conversation, and whether it may be used for the purpose now. */
export interface TalkTold {
  conversation: string;
  in_reach: boolean;
  records: number;
  allowed: number;
  reason: string;
  words: string;
  erasable: boolean;
}

/** Conversations, in the order of their ids. */
export interface Talks {
  purpose: string;
  conversations: TalkTold[];
  next?: string | null;
}

/** The terms that are served, the oldest version first. */
export interface TermsTold {
  terms: string;
  digest: string;
  versions: VersionTold[];
}

/** What somebody's words went into. Models that were trained do not forget. */
export interface Uses {
  releases: string[];
  made: ArtefactTold[];
}

/** Which release: the digest of its manifest. */
export interface VerificationBody {
  release: string;
}

/** One version of the terms, with all that it says. */
export interface VersionShown {
  terms: string;
  version: string;
  title: string;
  controller: string;
  published: string;
  effective: string;
  digest: string;
  plans: string[];
  choices: ChoiceTold[];
  rules: RuleTold[];
  retention: KeepingTold[];
}

/** One version of the terms, in short. */
export interface VersionTold {
  version: string;
  title: string;
  published: string;
  effective: string;
  digest: string;
}

/** Where to, and what of. */
export interface WebhookBody {
  url: string;
  events: ("account.changed" | "account.closed" | "account.opened" | "choice.made" | "conversation.deleted" | "hold.placed" | "hold.released" | "organisation.changed" | "record.deleted" | "signal.received" | "terms.acknowledged")[];
}

/** A receiver. Its secret is told when it is made, and never again. */
export interface WebhookTold {
  id: string;
  url: string;
  events: string[];
  made: string;
  secret?: string | null;
  ended?: string | null;
}

/** Every receiver. */
export interface Webhooks {
  webhooks: WebhookTold[];
}
