import type { BoundCertificate, CertificateConsumer, CertificateFiles, ICertificateSource } from "../contracts/certificate-source";
import type { SecretDirectory } from "../contracts/secret-store";

/** How a secret is created; `create-secrets.sh` uses the same names. */
export type SecretKind =
  | "password"
  | "hex"
  | "laravel-key"
  | "rsa"
  | "authority"
  | "certificate"
  | "argon2-of"
  | "pbkdf2-of"
  | "provided"
  | "provided-file"
  | "provided-certificate";

/** One file of a secret in the store. */
export interface StoredFile {
  readonly secret: Secret;
  /** Name of the file, in the store and in the directory of each service that gets it. */
  readonly name: string;
}

/** `.key`, `.crt` and `.names` are reserved for the files of key pairs. */
const NAME = /^(?!.*\.(key|crt|names)$)[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$/;

/** A file with certificates in the store, and their name in metrics and alerts. */
export interface WatchedCertificate {
  readonly name: string;
  readonly file: string;
}

/** A secret is created on the Docker host and stays there: Terraform knows its name and kind, not its value. */
export abstract class Secret {
  protected constructor(
    /** Name of the secret: lower-case letters, digits and `_`, with `.` or `-` between them where a user's name has one. */
    public readonly name: string,
    public readonly kind: SecretKind,
    /** Whether it encrypts data, which would be unreadable after a rotation. */
    public readonly encryptsData = false,
  ) {
    if (!NAME.test(name)) {
      throw new RangeError(`a secret's name has lower-case letters, digits, "_", and "." or "-" between them only, got "${name}"`);
    }
  }

  /** Whether the operator must provide it. */
  public get isProvided(): boolean {
    return this.kind === "provided" || this.isFile;
  }

  /** Whether it may have several lines. */
  public get isFile(): boolean {
    return this.kind === "provided-file" || this.kind === "provided-certificate";
  }

  /** The certificate whose expiry is monitored; undefined for a secret without one. */
  public get watched(): WatchedCertificate | undefined {
    return undefined;
  }

  /** Arguments of the kind for `create-secrets.sh`; read at synthesis, when all constructs are connected. */
  public abstract args(): readonly string[];
}

/** A secret that is one text, such as a password. */
export class SecretText extends Secret implements StoredFile {
  /** `length` letters and digits, by default 32: no character that is special in a shell, an INI file or a URL. */
  public static password(name: string, length = 32): SecretText {
    return new SecretText(name, "password", [`${length}`]);
  }

  /** 32 random bytes as Laravel reads them: `base64:…`. */
  public static laravelKey(name: string): SecretText {
    return new SecretText(name, "laravel-key", [], true);
  }

  /** A text from another service, such as a token. The operator stores it or passes it as a variable; a deploy without it stops. */
  public static provided(name: string): SecretText {
    return new SecretText(name, "provided", []);
  }

  /** A provided secret with several lines: the configuration file of a program. */
  public static providedFile(name: string): SecretText {
    return new SecretText(name, "provided-file", []);
  }

  /** `length` hexadecimal digits, by default 64: for keys that only programs read. */
  public static hex(name: string, length = 64): SecretText {
    return new SecretText(name, "hex", [`${length}`]);
  }

  /** A key of 64 hexadecimal digits with which a program encrypts stored data. */
  public static encryptionKey(name: string): SecretText {
    return new SecretText(name, "hex", ["64"], true);
  }

  /** A private RSA key (PKCS #8, PEM), for a program that signs. */
  public static rsa(name: string, bits = 3072): SecretText {
    return new SecretText(name, "rsa", [`${bits}`]);
  }

  private constructor(
    name: string,
    kind: SecretKind,
    private readonly fixed: readonly string[],
    encryptsData = false,
  ) {
    super(name, kind, encryptsData);
  }

  public args(): readonly string[] {
    return this.fixed;
  }

  public get secret(): Secret {
    return this;
  }
}

/** How a secret is hashed: `argon2` for passwords of people, `pbkdf2` (SHA-512) for random texts that a program checks at each request. */
export type HashAlgorithm = "argon2" | "pbkdf2";

/** The hash of another secret, regenerated when that one changes: for services that only verify the secret. */
export class SecretHash extends Secret implements StoredFile {
  constructor(
    name: string,
    algorithm: HashAlgorithm,
    public readonly source: SecretText,
  ) {
    super(name, `${algorithm}-of`);
  }

  public args(): readonly string[] {
    return [this.source.name];
  }

  public get secret(): Secret {
    return this;
  }
}

/** A key and the certificate that goes with it. */
abstract class KeyPair extends Secret {
  public readonly certificate: StoredFile = { secret: this, name: `${this.name}.crt` };
  public readonly key: StoredFile = { secret: this, name: `${this.name}.key` };
  /** Name of the certificate in metrics and alerts. */
  protected abstract readonly watchedAs: string;

  public override get watched(): WatchedCertificate {
    return { name: this.watchedAs, file: this.certificate.name };
  }
}

export interface AuthorityOptions {
  /** Name of the certificate in metrics and alerts. @default "authority" */
  readonly watchedAs?: string;
  /**
   * Whether it is renewed automatically, with the same key, when less than a year is left. Only for a CA that no device has imported.
   * @default false
   */
  readonly renewed?: boolean;
}

/**
 * A certificate authority (P-256, ten years) that may sign only for servers below `domain`; recreated when the domain
 * changes.
 */
export class Authority extends KeyPair implements ICertificateSource {
  protected readonly watchedAs: string;
  private readonly renewed: boolean;

  constructor(
    name: string,
    private readonly domain: string,
    { watchedAs = "authority", renewed = false }: AuthorityOptions = {},
  ) {
    super(name, "authority");
    this.watchedAs = watchedAs;
    this.renewed = renewed;
  }

  public args(): readonly string[] {
    return this.renewed ? [this.domain, "renewed"] : [this.domain];
  }

  /** Signs a certificate for a reverse proxy. */
  public bind({ names, directory }: CertificateConsumer): BoundCertificate {
    return { files: certificateFiles(directory, new ServerCertificate("edge", this, names)) };
  }
}

/** Adds a certificate and its key to `directory`. */
export function certificateFiles(
  directory: SecretDirectory,
  { certificate, key }: { readonly certificate: StoredFile; readonly key: StoredFile },
): CertificateFiles {
  return { certFile: directory.add(certificate).path, keyFile: directory.add(key).path };
}

/** A server certificate (P-256, 825 days), renewed when its names change or fewer than 30 days are left. */
export class ServerCertificate extends KeyPair {
  protected readonly watchedAs = this.name;

  constructor(
    name: string,
    public readonly authority: Authority,
    private readonly hostNames: () => readonly string[],
  ) {
    super(name, "certificate");
  }

  public args(): readonly string[] {
    return [this.authority.name, [...this.hostNames()].sort().join(",")];
  }
}

/**
 * A server certificate of another CA, with its intermediate certificates, as PEM. It must match its key:
 * a certificate that does not match, has expired, or lacks a name is not distributed.
 */
export class ProvidedCertificate extends Secret implements StoredFile {
  constructor(
    name: string,
    /** The private key, as PEM without a passphrase. */
    public readonly key: SecretText,
    private readonly hostNames: () => readonly string[],
    /** Name of the certificate in metrics and alerts. */
    private readonly watchedAs: string,
  ) {
    super(name, "provided-certificate");
  }

  public override get watched(): WatchedCertificate {
    return { name: this.watchedAs, file: this.name };
  }

  public args(): readonly string[] {
    return [this.key.name, [...this.hostNames()].sort().join(",")];
  }

  public get secret(): Secret {
    return this;
  }
}
