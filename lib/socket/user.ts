/** What handlers see of the user: a copy, so that nothing they do to it can change a verdict. */

/** @throws DataCloneError for a user that is no plain data */
export function copyOfUser(user: unknown): unknown {
  return structuredClone(user);
}
