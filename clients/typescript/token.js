// Tokens with which a product vouches for its signed-in person: JWT, HS256. For the product's server, never for a page.
import { createHmac, randomUUID } from "node:crypto";

const part = (told) => Buffer.from(JSON.stringify(told)).toString("base64url");

/** A token of five minutes for one person, to be handed to their own page alone. */
export function personToken(account, { key, secret, audience, now = Date.now }) {
  const claims = { sub: account, aud: audience, exp: Math.floor(now() / 1000) + 300, jti: randomUUID() };
  const signed = `${part({ alg: "HS256", kid: key, typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
