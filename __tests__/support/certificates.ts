import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, as PEM. */
export interface Made {
  readonly certificate: string;
  readonly key: string;
}

/** Certificates of a company: an authority, one that it signed, and what that one signs. */
export class TestAuthority {
  public readonly root: Made;
  public readonly intermediate: Made;
  private readonly directory = mkdtempSync(join(tmpdir(), "test-authority-"));
  private number = 1;

  constructor() {
    const authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";
    this.root = this.make("CN=Company Root", authority);
    this.intermediate = this.make("CN=Company Issuing", authority, this.root);
  }

  /** A certificate for these names; `from` and `to` count in days from now. */
  public issue(names: readonly string[], { from = -1, to = 90, by = this.intermediate }: { from?: number; to?: number; by?: Made } = {}): Made {
    return this.make("CN=wiki", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}\nbasicConstraints=CA:FALSE\n`, by, from, to);
  }

  /** A company's certificate file: the certificate and its chain. */
  public chain(made: Made): string {
    return made.certificate + this.intermediate.certificate;
  }

  public remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  private make(subject: string, extensions: string, by?: Made, from = -1, to = 90): Made {
    const path = (name: string) => join(this.directory, name);
    const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { stdio: "pipe" });
    this.number += 1;
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path("key"));
    writeFileSync(path("extensions"), extensions);
    openssl("req", "-new", "-key", path("key"), "-subj", `/${subject}`, "-out", path("request"));
    const signer = by === undefined ? ["-selfsign", "-keyfile", path("key")] : ["-cert", path("by.crt"), "-keyfile", path("by.key")];
    if (by) {
      writeFileSync(path("by.crt"), by.certificate);
      writeFileSync(path("by.key"), by.key);
    }
    writeFileSync(path("index"), "");
    writeFileSync(path("index.attr"), "unique_subject = no\n");
    writeFileSync(path("serial"), `${this.number}`.padStart(4, "0"));
    const policy = `[ca]\ndefault_ca=test\n[test]\ndatabase=${path("index")}\nserial=${path("serial")}\nnew_certs_dir=${this.directory}\ndefault_md=sha256\npolicy=any\n`;
    writeFileSync(path("config"), `${policy}[any]\ncommonName=supplied\n`);
    const times = ["-startdate", stamp(from), "-enddate", stamp(to)];
    const files = ["-in", path("request"), "-out", path("crt"), "-extfile", path("extensions")];
    openssl("ca", "-batch", "-notext", "-config", path("config"), ...signer, ...times, ...files);
    return { certificate: readFileSync(path("crt"), "utf8"), key: readFileSync(path("key"), "utf8") };
  }
}

/** `YYYYMMDDHHMMSSZ`, so many days from now. */
function stamp(days: number): string {
  const moment = new Date(Date.now() + days * 86_400_000);
  return `${moment.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
}
