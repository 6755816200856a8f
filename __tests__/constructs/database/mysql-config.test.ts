import { ByteSize } from "../../../constructs/core/byte-size";
import { Duration } from "../../../constructs/core/duration";
import { renderIni } from "../../../constructs/core/render";
import { renderMyCnf } from "../../../constructs/database/mysql-config";

describe("renderMyCnf", () => {
  const files = { ca: "/run/secrets/ca.crt", certificate: "/run/secrets/db.crt", key: "/run/secrets/db.key" };
  const lines = renderIni(renderMyCnf({ bufferPool: ByteSize.parse("512M"), slowQuery: Duration.parse("500ms") }, files)).split("\n");

  test("is for the server alone", () => {
    expect(lines.filter((line) => line.startsWith("["))).toEqual(["[mysqld]"]);
  });

  test("holds what was asked for, in MySQL's units", () => {
    expect(lines).toEqual(expect.arrayContaining(["innodb_buffer_pool_size=512M", "slow_query_log=ON", "long_query_time=0.5"]));
  });

  test("keeps the performance schema small, whose size follows from the tables that may be open", () => {
    expect(lines).toEqual(expect.arrayContaining(["table_open_cache=1000", "table_definition_cache=400"]));
  });

  test("refuses unencrypted connections, and hides databases of other accounts", () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        "require_secure_transport=ON",
        "tls_version=TLSv1.3",
        "ssl_ca=/run/secrets/ca.crt",
        "ssl_cert=/run/secrets/db.crt",
        "ssl_key=/run/secrets/db.key",
        "skip_show_database",
        "local_infile=0",
        "secure_file_priv=NULL",
        "mysqlx=0",
      ]),
    );
  });

  test("has room on disk for what sorting a large table takes", () => {
    expect(lines).toContain("tmpdir=/var/lib/mysql/tmp");
  });

  test("loses nothing that was acknowledged", () => {
    expect(lines).toEqual(expect.arrayContaining(["innodb_flush_log_at_trx_commit=1", "sync_binlog=1"]));
  });

  test("logs failed logins with their address", () => {
    expect(lines).toEqual(expect.arrayContaining(["log_error_verbosity=3", "skip_name_resolve", "log_error=/var/log/mysql/error.log"]));
  });
});
