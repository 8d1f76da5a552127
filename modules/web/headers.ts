/** The security headers of every page: nothing runs, loads or sends anywhere but what the chat itself serves. */
import helmet from "helmet";

const self = ["'self'"];
const none = ["'none'"];

export const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: none, scriptSrc: self, styleSrc: self, connectSrc: self, imgSrc: self,
      formAction: self, baseUri: none, frameAncestors: none,
    },
  },
  // With helmet's own "no-referrer" browsers send `Origin: null` with our forms, which could not be told from another site's.
  referrerPolicy: { policy: "same-origin" },
  xFrameOptions: { action: "deny" },
});
