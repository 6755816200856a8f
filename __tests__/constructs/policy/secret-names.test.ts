import { assignedSecrets, isSecretValue, namesSecret } from "../../../constructs/policy/secret-names";

describe("namesSecret", () => {
  test.each([
    "DB_PASSWORD",
    "MYSQL_PWD",
    "SMTP_PASS",
    "OIDC_CLIENT_SECRET",
    "CF_DNS_API_TOKEN",
    "APP_KEY",
    "BOUNCER_KEY_traefik",
    "apiKey",
    "--client-secret",
    "dbpassword",
  ])("%s is the name of a secret variable", (name) => {
    expect(namesSecret(name, "variable")).toBe(true);
  });

  test.each([
    "DB_PASSWORD_FILE",
    "RESTIC_PASSWORD_COMMAND",
    "OIDC_TOKEN_URL",
    "SSH_KEY_TYPE",
    "APP_URL",
    "SSH_PUBLIC_KEY",
    "KEYBOARD",
    "BYPASS",
    "TOKEN_TTL",
    "keyFile",
  ])("%s is not", (name) => {
    expect(namesSecret(name, "variable")).toBe(false);
  });

  test.each(["password", "smtp.password", "client_secret", "crowdsecLapiKey", "jwt_secret", "token"])("%s is the name of a secret in a text", (name) => {
    expect(namesSecret(name, "text")).toBe(true);
  });

  test.each([
    "key",
    "keyUsage",
    "subjectKeyIdentifier",
    "password_policy",
    "token_endpoint_auth_method",
    "passHostHeader",
    "reset_password_disabled",
    "groupKey",
  ])("%s is not", (name) => {
    expect(namesSecret(name, "text")).toBe(false);
  });
});

describe("isSecretValue", () => {
  test.each(["hunter2", "changeme", "12345678", "P@$$w0rd", "$ecret"])("%s is one", (value) => {
    expect(isSecretValue(value, "variable")).toBe(true);
  });

  test.each([
    "",
    "/run/secrets/db",
    "./secrets/db",
    "file:///run/secrets/db",
    "true",
    "none",
    "1h",
    "$__file{/run/secrets/db}",
    '{{ secret "/run/secrets/db" }}',
    "<redacted>",
    "***",
  ])("%j is none", (value) => {
    expect(isSecretValue(value, "variable")).toBe(false);
  });

  test("a variable is one for Docker, which takes it literally, and none in a text", () => {
    expect(isSecretValue("$password", "variable")).toBe(true);
    expect(isSecretValue("$password", "text")).toBe(false);
  });
});

describe("assignedSecrets", () => {
  test.each([
    ["password: hunter2", "password"],
    ["  - DB_PASSWORD=hunter2", "DB_PASSWORD"],
    ['{"user": "wiki", "password": "hunter2"}', "password"],
    ["'client_secret' => 'hunter2',", "client_secret"],
    ["$password = 'hunter2';", "password"],
    ["secret_key = hunter2 ; at first", "secret_key"],
    ["PASSWORD=hunter2 mysqld --verbose", "PASSWORD"],
    ["mysql --user=a --password=hunter2", "password"],
    ["password: 'P@$$w0rd'", "password"],
    ["smtp.password=hunter2", "smtp.password"],
  ])("sees the value in %s", (line, name) => {
    expect(assignedSecrets(line)).toEqual([name]);
  });

  test.each([
    "password:",
    "password: /run/secrets/smtp",
    'password="$(cat /run/secrets/smtp)"',
    'password="$1"',
    'secret="/secrets/$name"',
    "password=$__file{/run/secrets/smtp}",
    "client_secret: '{{ secret \"/run/secrets/oidc\" }}'",
    "access_token: 1h",
    "disable_reset_password: true",
    "# password: whatever it was",
    "password: two words of a sentence",
    'echo "secrets: created $1"',
    'if [ "$token" = "abcdef" ]; then',
    "$stock->password = Hash::make($password);",
    "printf 'user=%s\\npassword=' \"$user\"",
    "failregex = password=\\S+ from <HOST>",
    "PASSWORD=${PASSWORD:-unset}",
    'password) random_text "$3" | keep "$1" ;;',
    "keyUsage = critical,keyCertSign,cRLSign",
  ])("sees nothing in %s", (line) => {
    expect(assignedSecrets(line)).toEqual([]);
  });
});
