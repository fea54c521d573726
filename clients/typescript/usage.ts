// What a product writes with these types; the compiler reads it in the tests where there is one.
import { Troth, TrothProblem, type ChoiceMade } from "./index.js";
import { personToken } from "./token.js";

const of = { key: "1", secret: "s", audience: "https://privacy.example.org" };
const troth = new Troth({ address: of.audience, credentials: () => personToken("ada", of) });

export async function choose(value: "granted" | "refused"): Promise<ChoiceMade | undefined> {
  const { show, notice } = await troth.questionShow({ locale: "de" });
  if (!show || !notice) return undefined;
  try {
    return await troth.choicesMake({ choice: notice.choice, value, notice_digest: notice.digest }, { once: "answer-1" });
  } catch (problem) {
    if (problem instanceof TrothProblem && problem.status === 422) return undefined;
    throw problem;
  }
}
