import { secretShape, withoutOpenParts } from "../../../constructs/policy/secret-shapes";
import { base64, hex, password, plain64 } from "./generated";

const dashes = "-".repeat(5);
const pem = (kind: string) => `${dashes}BEGIN ${kind}${dashes}`;

describe("secretShape", () => {
  test.each([
    ["a private key", pem("PRIVATE KEY")],
    ["a private key", pem("EC PRIVATE KEY")],
    ["a private key", pem("OPENSSH PRIVATE KEY")],
    ["a private key", pem("PGP PRIVATE KEY BLOCK")],
    ["a key in Laravel's form", `APP_KEY=base64:${base64(32)}`],
    ["the hash of a password", `password: $argon2id$v=19$m=65536,t=3,p=4$${plain64(22)}$${plain64(43)}`],
    ["the hash of a password", `client_secret: '$pbkdf2-sha512$310000$${plain64(22)}$${plain64(86)}'`],
    ["the hash of a password", `admin:$2y$10$${plain64(53)}`],
    ["the hash of a password", `root:$6$rounds=5000$${plain64(16)}$${plain64(86)}:19000`],
    ["the hash of a password", `root:$y$j9T$${plain64(22)}$${plain64(43)}:19000`],
    ["a signed token", `eyJ${plain64(20)}.eyJ${plain64(40)}.${plain64(43)}`],
    ["a GitHub token", `ghp_${plain64(36)}`],
    ["the credentials of an HTTP request", `Authorization: Bearer ${plain64(20)}7`],
    ["a URL with a password", "mysql://bookstack:hunter2@bookstack-db/bookstack"],
    ["a URL with a password", "redis://:hunter2@cache:6379"],
    ["the password of a database account", "CREATE USER 'a'@'%' IDENTIFIED WITH caching_sha2_password BY 'hunter2';"],
    ["a secret of Terraform's", "${random_password.database.result}"],
    ["a secret of Terraform's", "prefix-${var.smtp_password}"],
    ["a secret of Terraform's", "${tls_private_key.edge.private_key_pem}"],
  ])("sees %s in %s", (what, text) => {
    expect(secretShape(text)).toBe(what);
  });

  test.each([
    ["32 letters and digits", password(32)],
    ["48 letters and digits", password(48)],
    ["32 bytes in base64", base64(32)],
    ["48 bytes in base64", base64(48)],
    ["16 bytes in hexadecimal", hex(16)],
    ["32 bytes in hexadecimal", hex(32).toUpperCase()],
  ])("detects generated %s in any place", (_, secret) => {
    for (const text of [secret, `KEY="${secret}"`, `- ${secret} # comment`, `--header=x:${secret}`]) {
      expect(secretShape(text)).toBe("a text that looks generated");
    }
  });

  test("sees nearly every generated password, and every key", () => {
    const seeds = Array.from({ length: 1000 }, (_, seed) => seed);
    const seen = (make: (seed: number) => string) => seeds.filter((seed) => secretShape(make(seed)) !== undefined).length;
    expect(seen((seed) => password(32, seed))).toBeGreaterThan(980);
    expect(seen((seed) => base64(32, seed))).toBeGreaterThan(980);
    expect(seen((seed) => hex(32, seed))).toBe(1000);
  });

  test.each([
    "/var/www/bookstack/storage/framework/sessions",
    "https://github.com/maxlerebourg/crowdsec-bouncer-traefik-plugin/releases/tag/v1.7.1",
    "innodb_flush_log_at_trx_commit = 1",
    "accessLogFieldsHeadersNamesUserAgent: keep",
    "local-bookstack-db-config-852805ff4d03",
    "curvePreferences: [X25519MLKEM768, X25519, CurveP256]",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    'sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[5m]))',
    "uid: 01234567-89ab-cdef-0123-456789abcdef",
    "key: 00000000000000000000000000000000",
    "tr -dc ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "2026-11-23T02:03:24.000000Z [Note] [MY-010926]",
    "printf 'base64:%s' \"$(openssl rand -base64 32)\"",
    "IDENTIFIED BY '%s'",
    "https://$user:$password@example.com",
    "$${RANDOM_PASSWORD}",
    'cp "$1$suffix/$directory/a/path/that/is/long/enough" /tmp',
  ])("sees nothing in %s", (text) => {
    expect(secretShape(text)).toBeUndefined();
  });
});

describe("withoutOpenParts", () => {
  test.each([
    ["a digest", `image: mysql:8.4.11@sha256:${hex(32)}`],
    ["a checksum", `${hex(32)}  plugin.tar.gz`],
    ["a commit", `commit: ${hex(20)}`],
    ["an integrity hash", `integrity="sha384-${base64(48)}"`],
    ["a public key", `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${plain64(43)} deploy@example.com`],
    ["a picture", `url(data:image/png;base64,${base64(60)})`],
    ["ids of Docker's own objects", "${docker_volume.Secrets_bookstack-db_C5E3510E.mountpoint},${docker_network.Networks_proxy_F5EE33B5.id}"],
  ])("takes %s out", (_, text) => {
    expect(secretShape(withoutOpenParts(text))).toBeUndefined();
  });

  test("takes certificates out, and leaves lines where they are", () => {
    const text = `a\n${pem("CERTIFICATE")}\n${base64(48)}\n${base64(48, 1)}\n${dashes}END CERTIFICATE${dashes}\n${pem("PRIVATE KEY")}\n`;
    const lines = withoutOpenParts(text).split("\n").map(secretShape);
    expect(lines).toEqual([undefined, undefined, undefined, undefined, undefined, "a private key", undefined]);
  });
});
