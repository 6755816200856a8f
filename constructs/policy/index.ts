export { checkPolicy } from "./check";
export { exempt, exemptionsOf } from "./exemption";
