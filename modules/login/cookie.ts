/** The cookie that holds a visitor's sign-in: for the web pages alone, no script and no socket reads it. */
export const signInCookie = "sign_in";
