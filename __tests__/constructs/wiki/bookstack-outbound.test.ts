import { Endpoint } from "../../../constructs/core/endpoint";
import { certificateFiles, type Outbound, renderOutbound, renderTrust } from "../../../constructs/wiki/bookstack-outbound";

const MAIL = { host: "smtp.example.com", port: 587, from: "wiki@example.com" };

describe("without mail and webhooks", () => {
  test("no server outside is tried, not even the mail provider and the servers of webhooks that are BookStack's defaults", () => {
    expect(renderOutbound({})).toEqual({ MAIL_DRIVER: "none", ALLOWED_SSR_HOSTS: "none" });
  });

  test("PHP trusts what its image trusts", () => {
    expect([renderTrust({}, "/etc/bookstack"), certificateFiles({})]).toEqual([{}, []]);
  });
});

describe("mail", () => {
  test("goes to the server of the environment, from its sender, with TLS required and the certificate verified", () => {
    expect(renderOutbound({ mail: { ...MAIL, user: "wiki", helo: "auth.example.com", fromName: "Example" } })).toEqual({
      ALLOWED_SSR_HOSTS: "none",
      MAIL_DRIVER: "smtp",
      MAIL_ENCRYPTION: "tls",
      MAIL_FROM: "wiki@example.com",
      MAIL_FROM_NAME: "Example",
      MAIL_HOST: "smtp.example.com",
      MAIL_PORT: 587,
      MAIL_USERNAME: "wiki",
      MAIL_VERIFY_SSL: "true",
      WIKI_MAIL_HELO: "auth.example.com",
      WIKI_MAIL_TLS: "required",
    });
  });

  test("has no account and no encryption where the server has none", () => {
    const environment = renderOutbound({ mail: { ...MAIL, tls: false } });
    expect(environment).toMatchObject({ MAIL_FROM_NAME: "BookStack", WIKI_MAIL_TLS: "off" });
    expect(Object.keys(environment)).not.toEqual(expect.arrayContaining(["MAIL_ENCRYPTION"]));
    expect(Object.keys(environment)).not.toEqual(expect.arrayContaining(["MAIL_USERNAME"]));
  });
});

describe("webhooks", () => {
  test("are called over HTTPS at the servers that are named", () => {
    const webhooks = [new Endpoint("hooks.example.com", 443), new Endpoint("chat.example.com", 8443)];
    expect(renderOutbound({ webhooks }).ALLOWED_SSR_HOSTS).toBe("https://hooks.example.com https://chat.example.com:8443");
  });
});

test("each kind of server has its own authority", () => {
  const outbound: Outbound = { mail: { ...MAIL, ca: "mail authority" }, webhookCa: "webhook authority" };
  const files = Object.fromEntries(certificateFiles(outbound).map((file) => [`/etc/bookstack/${file.path}`, file.text()]));
  const trust = renderTrust(outbound, "/etc/bookstack");
  expect(Object.keys(trust)).toEqual(["openssl.cafile", "curl.cainfo"]);
  expect(files[trust["openssl.cafile"] ?? ""]).toBe("mail authority");
  expect(files[trust["curl.cainfo"] ?? ""]).toBe("webhook authority");
});
