import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { type PortalAnswer, type Site, Visitor } from "./portal";

/** Signed claims of the portal about a user. */
export interface Claims {
  readonly iss: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
  readonly nonce?: string;
  readonly name?: string;
  readonly preferred_username?: string;
  readonly groups?: readonly string[];
}

/** Result of a sign-in at an application. */
export type Ending =
  | { readonly signedOn: Claims }
  /** The portal refused, with this reason. */
  | { readonly refused: string }
  /** A person would see this page of the portal, and have to do something. */
  | { readonly asked: string };

/** State of an application between the two halves of a sign-in. */
interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

const PATIENCE = 8;

/** An application beside the wiki, as Grafana is one: it sends people to the portal and takes its word (authorization code, PKCE). */
export class RelyingParty {
  private readonly issuer: string;
  private readonly redirectUri: string;

  constructor(
    private readonly site: Site,
    private readonly id: string,
    private readonly secret: string,
  ) {
    const visitor = new Visitor(site);
    this.issuer = visitor.url("auth", "");
    this.redirectUri = visitor.url(id, "/oidc/callback");
  }

  /** Sends the visitor's browser to the portal, and follows it back or to where it has to stay. */
  public async signIn(visitor: Visitor): Promise<Ending> {
    const begun = begin();
    const url = await this.follow(visitor, this.authorizationUrl(begun));
    if (!url.startsWith(this.redirectUri)) return { asked: url };
    const { searchParams: parameters } = new URL(url);
    if (parameters.get("state") !== begun.state) throw new Error(`the portal came back with another state: ${url}`);
    const error = parameters.get("error");
    return error === null ? { signedOn: await this.claims(parameters.get("code") ?? "", begun) } : { refused: error };
  }

  /** What the portal answers to a code, with what the application knows or pretends to know. */
  public exchange(code: string, verifier: string | undefined, secret = this.secret): Promise<PortalAnswer> {
    const authorization = `Basic ${Buffer.from(`${this.id}:${secret}`).toString("base64")}`;
    const form = { grant_type: "authorization_code", code, redirect_uri: this.redirectUri, ...(verifier === undefined ? {} : { code_verifier: verifier }) };
    return new Visitor(this.site).ask(`${this.issuer}/api/oidc/token`, { method: "POST", form, headers: { authorization, accept: "application/json" } });
  }

  /** A code for the visitor, and what belongs to it. */
  public async code(visitor: Visitor): Promise<{ readonly code: string; readonly verifier: string }> {
    const begun = begin();
    const url = await this.follow(visitor, this.authorizationUrl(begun));
    return { code: new URL(url).searchParams.get("code") ?? "", verifier: begun.verifier };
  }

  private authorizationUrl({ state, nonce, verifier }: Begun): string {
    const query = new URLSearchParams({
      client_id: this.id,
      response_type: "code",
      redirect_uri: this.redirectUri,
      scope: "openid profile email groups",
      state,
      nonce,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    });
    return `${this.issuer}/api/oidc/authorization?${query}`;
  }

  /** Where the browser ends: at the application, which is not asked, or at a page. */
  private async follow(visitor: Visitor, url: string): Promise<string> {
    let here = url;
    for (let step = 0; step < PATIENCE; step++) {
      const { location } = await visitor.ask(here);
      if (location === undefined) return here;
      here = new URL(location, here).href;
      if (here.startsWith(this.redirectUri)) return here;
    }
    throw new Error(`still redirected after ${PATIENCE} steps, now to ${here}`);
  }

  private async claims(code: string, { nonce, verifier }: Begun): Promise<Claims> {
    const { status, body } = await this.exchange(code, verifier);
    if (status !== 200) throw new Error(`no token: ${status} ${body}`);
    const claims = await this.verified(JSON.parse(body).id_token);
    const problems = [
      ...(claims.iss === this.issuer ? [] : [`issuer ${claims.iss}`]),
      ...([claims.aud].flat().includes(this.id) ? [] : [`audience ${claims.aud}`]),
      ...(claims.nonce === nonce ? [] : ["another nonce"]),
      ...(claims.exp > Date.now() / 1000 ? [] : ["ended"]),
    ];
    if (problems.length > 0) throw new Error(`the portal's word does not count: ${problems.join(", ")}`);
    return claims;
  }

  /** What a token says, once the portal's published key has shown that the portal signed it. */
  private async verified(idToken: string): Promise<Claims> {
    const [header = "", payload = "", signature = ""] = idToken.split(".");
    const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
    const { body } = await new Visitor(this.site).ask(`${this.issuer}/jwks.json`, { headers: { accept: "application/json" } });
    const jwk = JSON.parse(body).keys.find(({ kid }: { kid: string }) => kid === read(header).kid);
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const signed = verify("RSA-SHA256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"));
    if (!signed) throw new Error("the token was not signed by the portal");
    return read(payload);
  }
}

function begin(): Begun {
  const word = () => randomBytes(32).toString("base64url");
  return { state: word(), nonce: word(), verifier: word() };
}
