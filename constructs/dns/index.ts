export { CloudflareRecords, type CloudflareRecordsProps } from "./cloudflare-records";
