import { rule } from "../../../../constructs/policy/rules/capabilities-dropped";
import { job, service, testRule } from "../examples";

const ALL_DROPPED = { drop: ["ALL"] };

testRule(rule, {
  keeps: {
    "a service without any": service(),
    "a job that changes owners": job({ capabilities: { ...ALL_DROPPED, add: ["CAP_CHOWN"] } }),
    "the same in short, which is a matter of another rule": job({ capabilities: { ...ALL_DROPPED, add: ["CHOWN"] } }),
  },
  breaks: {
    "nothing dropped": [service({ capabilities: undefined }), 'capabilities.drop must be ["ALL"], got nothing; drop all and add what is needed'],
    "some dropped": [
      service({ capabilities: { drop: ["CAP_NET_RAW"] } }),
      'capabilities.drop must be ["ALL"], got ["CAP_NET_RAW"]; drop all and add what is needed',
    ],
    "more than all dropped": [
      service({ capabilities: { drop: ["ALL", "CAP_NET_RAW"] } }),
      'capabilities.drop must be ["ALL"], got ["ALL","CAP_NET_RAW"]; drop all and add what is needed',
    ],
    "a service that changes owners": [
      service({ capabilities: { ...ALL_DROPPED, add: ["CAP_CHOWN"] } }),
      "capabilities.add holds CAP_CHOWN, and a service may have none; do without, or exempt it with the reason",
    ],
    "a job with more": [
      job({ capabilities: { ...ALL_DROPPED, add: ["CAP_CHOWN", "CAP_SYS_ADMIN"] } }),
      "capabilities.add holds CAP_SYS_ADMIN, and a job may have CAP_CHOWN; do without, or exempt it with the reason",
    ],
    "everything added again": [
      service({ capabilities: { ...ALL_DROPPED, add: ["ALL"] } }),
      "capabilities.add holds ALL, and a service may have none; do without, or exempt it with the reason",
    ],
  },
});
