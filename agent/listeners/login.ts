import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Whether a user name and password open this listener. Must take the same time for every wrong answer. */
export type CheckLogin = (user: string, password: string) => boolean;

/**
 * A check against one login. SECURITY: both sides are turned into digests of equal length under a key of this process before they
 * are compared in constant time, so neither the length nor a common beginning shows in the time taken.
 */
export function createCheckLogin(user: string, password: string): CheckLogin {
  const key = randomBytes(32);
  const digest = (text: string) => createHmac("sha256", key).update(text).digest();
  const expectedUser = digest(user);
  const expectedPassword = digest(password);
  return (givenUser, givenPassword) => {
    const userMatches = timingSafeEqual(digest(givenUser), expectedUser);
    const passwordMatches = timingSafeEqual(digest(givenPassword), expectedPassword);
    return userMatches && passwordMatches;
  };
}
