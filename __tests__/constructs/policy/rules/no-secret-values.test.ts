import { assetText } from "../../../../constructs/core/asset";
import { terraformLiteral } from "../../../../constructs/core/terraform-literal";
import { rule } from "../../../../constructs/policy/rules/no-secret-values";
import { assetFiles } from "../../../support/assets";
import { configContainer, job, service, testRule } from "../examples";
import { base64, hex, password, plain64 } from "../generated";

const REMEDY = "pass it as a SecretFile and use the path";
const PRIVATE_KEY = `${"-".repeat(5)}BEGIN PRIVATE KEY${"-".repeat(5)}`;
const uploaded = (content: string) => configContainer({ upload: [{ file: "/config/thing.yml", content: terraformLiteral(content) }] });

testRule(rule, {
  keeps: {
    "a service": service(),
    "a job": job(),
    "a config container": configContainer(),
    "paths of secrets": service({ env: ["DB_PASSWORD_FILE=/run/secrets/db", "MYSQL_ATTR_SSL_KEY=/run/secrets/tls.key", "APP_URL=https://wiki.example.com"] }),
    "a command with a path": service({ command: ["--password-file=/run/secrets/db", "--key", "/run/secrets/tls.key", "--token", "--verbose"] }),
    "ids of volumes": service({ labels: [{ label: "volumes", value: "${docker_volume.Secrets_bookstack-db_C5E3510E.mountpoint}" }] }),
    "a shell's variables": uploaded("DB_PASSWORD=${DB_PASSWORD}\nexport TOKEN=$(cat /run/secrets/token)\n"),
  },
  breaks: {
    "a variable by its name": [service({ env: ["DB_PASSWORD=hunter2"] }), `env DB_PASSWORD holds a secret by its name; ${REMEDY}`],
    "a variable with an equals sign in its value": [job({ env: ["X=a=b", "SMTP_PASS=a=b"] }), `env SMTP_PASS holds a secret by its name; ${REMEDY}`],
    "a variable by its value": [service({ env: [`SALT=${password(32)}`] }), `env SALT holds a text that looks generated; ${REMEDY}`],
    "a variable from Terraform": [job({ env: ["SALT=${random_password.salt.result}"] }), `env SALT holds a secret of Terraform's; ${REMEDY}`],
    "a label": [configContainer({ labels: [{ label: "api.token", value: "hunter2" }] }), `label api.token holds a secret by its name; ${REMEDY}`],
    "an option of the log driver": [
      service({ log_opts: { "splunk-token": "hunter2", "max-size": "10m" } }),
      `log_opts splunk-token holds a secret by its name; ${REMEDY}`,
    ],
    "an argument": [service({ command: ["serve", "--admin-password=hunter2"] }), `command holds a value for --admin-password; ${REMEDY}`],
    "a separate argument": [service({ entrypoint: ["serve", "--token", "hunter2"] }), `entrypoint holds a value for --token; ${REMEDY}`],
    "a shell's command": [job({ entrypoint: ["sh", "-c", "DB_PASSWORD=hunter2 exec serve"] }), `entrypoint holds a value for DB_PASSWORD; ${REMEDY}`],
    "a health check": [
      service({ healthcheck: { test: ["CMD", "curl", `https://probe:${plain64(12)}@127.0.0.1`] } }),
      `healthcheck.test holds a URL with a password; ${REMEDY}`,
    ],
    "a file": [uploaded("server: mail\npassword: hunter2\n"), `upload /config/thing.yml, line 2, holds a value for password; ${REMEDY}`],
    "two things in a file": [
      uploaded(`${PRIVATE_KEY}\nok: yes\nkey: ${base64(32)}\n`),
      `upload /config/thing.yml, line 1, holds a private key; ${REMEDY}`,
      `upload /config/thing.yml, line 3, holds a text that looks generated; ${REMEDY}`,
    ],
    "a file in base64": [
      configContainer({ upload: [{ file: "/config/env", content_base64: Buffer.from(`APP_KEY=base64:${base64(32)}`).toString("base64") }] }),
      `upload /config/env holds a key in Laravel's form; ${REMEDY}`,
    ],
    "a file that is unknown before apply": [
      configContainer({ upload: [{ file: "/config/env", source: "/home/me/env" }] }),
      "upload /config/env is read from /home/me/env during apply, unseen by this rule; give its content",
    ],
  },
});

test("never repeats the secret", () => {
  const secret = password(32);
  const container = service({
    env: [`A_PASSWORD=${secret}`, `B=${secret}`],
    command: [`--token=${secret}`, `https://a:${secret}@b`],
    labels: [{ label: "token", value: secret }],
    upload: [{ file: "/x", content: `password: ${secret}` }],
  });
  const messages = rule.check(container);
  expect(messages).toHaveLength(6);
  expect(messages.join("\n")).not.toContain(secret);
});

describe("ordinary files", () => {
  test.each(assetFiles())("constructs/%s", (path) => {
    expect(rule.check(uploaded(assetText(path)))).toEqual([]);
  });

  test.each(Object.entries(ordinary()))("%s", (_, text) => {
    expect(rule.check(uploaded(text))).toEqual([]);
  });
});

/** Texts in the manner of what the programs of the stack read: full of the words, without a secret. */
function ordinary(): Record<string, string> {
  return {
    "Authelia with secrets by path": `
authentication_backend:
  password_reset: { disable: true }
  password_change:
    disable: false
  file:
    path: /run/secrets/users.yml
    password:
      algorithm: argon2
      argon2: { variant: argon2id, iterations: 3, memory: 65536, parallelism: 4, key_length: 32, salt_length: 16 }
password_policy:
  zxcvbn: { enabled: true, min_score: 3 }
identity_validation:
  reset_password: { jwt_lifespan: 5m, jwt_algorithm: HS256 }
identity_providers:
  oidc:
    lifespans: { access_token: 1h, refresh_token: 90m, id_token: 1h, authorize_code: 1m }
    jwks:
      - key_id: main
        algorithm: RS256
        use: sig
        key: {{ secret "/run/secrets/oidc.key" | mindent 10 "|" | msquote }}
    clients:
      - client_id: bookstack
        client_secret: '{{ secret "/run/secrets/oidc_client_digest" }}'
        token_endpoint_auth_method: client_secret_basic
        require_pkce: true
`,
    "Traefik with a bouncer": `
http:
  middlewares:
    crowdsec:
      plugin:
        bouncer:
          enabled: true
          crowdsecMode: stream
          crowdsecLapiKeyFile: /run/secrets/bouncer_key
          crowdsecAppsecEnabled: true
  routers:
    auth: { rule: "Host(\`auth.example.com\`)", service: authelia, tls: { certResolver: letsencrypt } }
certificatesResolvers:
  letsencrypt: { acme: { email: ops@example.com, storage: /acme/acme.json, keyType: EC256 } }
`,
    CrowdSec: `
name: captcha_remediation
filters: ['Alert.Remediation == true && Alert.GetScope() == "Ip"']
decisions: [{ type: ban, duration: 4h }]
duration_expr: "Sprintf('%dh', GetDecisionsCount(Alert.GetValue()) < 5 ? 4 * (GetDecisionsCount(Alert.GetValue()) + 1) : 168)"
---
filenames: [/var/log/traefik/access.log]
labels: { type: traefik }
pattern: 'password=%{DATA:password} token=%{NOTSPACE:token}'
`,
    Grafana: `
[security]
admin_user = admin
admin_password = $__file{/run/secrets/grafana_admin}
secret_key = $__file{/run/secrets/grafana_key}
cookie_secure = true
[auth]
token_rotation_interval_minutes = 10
api_key_max_seconds_to_live = 86400
[auth.generic_oauth]
client_id = grafana
client_secret = $__file{/run/secrets/oidc}
token_url = https://auth.example.com/api/oidc/token
; client_secret = some_secret
`,
    "Prometheus and its alerts": `
scrape_configs:
  - job_name: mysql
    basic_auth: { username: prometheus, password_file: /run/secrets/prometheus }
    static_configs: [{ targets: ["mysqld-exporter:9104"] }]
groups:
  - name: secrets
    rules:
      - alert: CertificateEndsSoon
        expr: (probe_ssl_earliest_cert_expiry - time()) / 86400 < 14
        annotations:
          summary: "The certificate of {{ $labels.instance }} ends soon"
          description: "Secrets: see docs/operations.md, and renew the token or key"
`,
    "a backup script": `
set -eu
export RESTIC_PASSWORD_FILE=/run/secrets/restic_password
password=$(cat /run/secrets/mysql_backup_password)
key="$secrets/key"
umask 077
printf '[client]\\nuser=backup\\npassword="%s"\\n' "$password" >"$work/client.cnf"
mysqldump --defaults-file="$work/client.cnf" --single-transaction bookstack | gzip -9 >"$target"
case $kind in
  password) echo "backup: no password for $1" >&2 ;;
esac
[ "$token" = "" ] || fail "token: not wanted here"
restic --password-command "cat /run/secrets/restic" check --read-data-subset 5%
`,
    "a list of checksums": `${hex(32)}  crowdsec-bouncer.tar.gz\n${hex(32, 1)} *plugin.zip\ncommit: ${hex(20)}\n`,
    "a dashboard": JSON.stringify({
      uid: "bookstack-security",
      panels: [
        {
          title: "Failed logins",
          targets: [{ expr: 'sum(rate(authelia_authn{success="false"}[5m]))', refId: "A" }],
          options: { reduceOptions: { values: false } },
        },
      ],
      templating: { list: [{ name: "instance", query: "label_values(up, instance)", key: "instance" }] },
    }),
  };
}
