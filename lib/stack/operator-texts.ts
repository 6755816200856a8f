import type { OperatorTexts } from "../../constructs/core/operator-texts";

/** What scripts tell the operator of a wiki: the commands of this application. */
export const OPERATOR_TEXTS: OperatorTexts = {
  authority: "Secure BookStack",
  provideSecrets: "Store each of them: npm run secret -- <environment> <name>",
  provideSecret: "npm run secret -- $environment $1",
  releaseHost: "take it down with npm run destroy -- $owner --host",
  createBackup: "make one by npm run backup",
  restoreWithout: "npm run restore -- $BACKUP_ENVIRONMENT $1${from:+ --from $from} --without $parts",
};
