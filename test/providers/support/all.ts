import { auth0 } from "./auth0.js";
import { betterAuth } from "./better-auth.js";
import { clerk } from "./clerk.js";
import { cognito } from "./cognito.js";
import { entra, entraTenants } from "./entra.js";
import { firebase } from "./firebase.js";
import { google } from "./google.js";
import { keycloak } from "./keycloak.js";
import { okta } from "./okta.js";
import { secretOfOurOwn } from "./own-secret.js";
import type { Provider } from "./provider.js";
import { supabase, supabaseLegacy } from "./supabase.js";

export const providers: readonly Provider[] = [
  auth0, clerk, supabase, supabaseLegacy, firebase, keycloak, cognito, entra, entraTenants, google, okta, betterAuth, secretOfOurOwn,
];
