/**
 * HTTP as a way in: CONNECT and requests in absolute form (RFC 9110), and HTTP/1.1 itself (RFC 9112). It decides nothing. Only this room's
 * listeners knock; those of other versions of HTTP take the meaning from here and bring their own way of writing.
 */
export type { AnswerManner, Caller } from "./caller.ts";
export { createRequest } from "./create-request.ts";
export { HttpExchange } from "./exchange.ts";
export { lengthToSay, selectResponseFields, viaName } from "./forwarded-head.ts";
export type { Framing } from "./framing.ts";
export {
  type BadHead,
  createField,
  type Field,
  isFieldText,
  isTargetText,
  isToken,
  maxFields,
  maxHeadBytes,
  readLength,
  type RequestHead,
  type ResponseHead,
  trimSpace,
} from "./head.ts";
export { composeRefusal } from "./refusal-answer.ts";
export { wordRefusal } from "./refusal-words.ts";
export { formatTimeout, serveHttp } from "./serve-http.ts";
export { type Understood, understand } from "./understand.ts";
