/** The cookie that holds a visitor's token. */
export const tokenCookie = "access_token";
