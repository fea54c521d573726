/** A token of five minutes for one person, to be handed to their own page alone. For the product's server, never for a page. */
export function personToken(account: string, of: {
  /** The number of the product's key, and its token secret, as `troth key new --tokens` printed them. */
  key: string;
  secret: string;
  /** The service's audience. */
  audience: string;
  /** Milliseconds since 1970 (UTC). */
  now?: () => number;
}): string;
