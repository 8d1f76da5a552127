/** The cookie that holds a visitor's sign-in. Only the web server reads it: no script and no socket does. */
export const signInCookie = "sign_in";
