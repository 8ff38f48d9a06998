/** The section `enroll` of an identity: where its certificate comes from. */
import { z } from "zod";
import { authorities, duration, filePath, hostPort, secret, text, word } from "./config-words.ts";

/** What is asked for, wherever it is asked. */
const request = {
  ca: z
    .union([authorities, z.array(authorities).min(1).max(64)])
    .optional()
    .describe("Authorities of the endpoint's own certificate, one or a list; those of the runtime when absent."),
  server_name: word("Name that the endpoint's certificate must carry; the host of `url` when absent.", 253).optional(),
  subject: z
    .strictObject({
      common_name: z
        .string()
        .min(1)
        .max(64)
        .describe("The name of the device or the person; the identity's own name when absent.")
        .optional(),
      organization: z.string().min(1).max(64).describe("The organization.").optional(),
      unit: z.string().min(1).max(64).describe("A unit of the organization.").optional(),
      country: text(/^[A-Z]{2}$/, "a country of two letters")
        .describe("The country.")
        .optional(),
    })
    .optional()
    .describe("The subject that is asked for; the authority may decide otherwise."),
  names: z
    .array(
      text(/^(?:dns|email|uri|ip):\S{1,1024}$/, "a name such as dns:laptop.corp.example, email:ann@corp.example or uri:spiffe://corp/ann"),
    )
    .min(1)
    .max(32)
    .optional()
    .describe("Alternative names that are asked for."),
  algorithm: z.enum(["ec-p256", "ec-p384", "rsa-2048", "rsa-3072"]).default("ec-p256").describe("Kind of the key, when one is made."),
  renew_before: duration("How long before its end the certificate is renewed; a third of its life when absent.").optional(),
};
const httpsUrl = (says: string) => text(/^https:\/\/\S+$/, "a URL such as https://ca.corp.example").describe(says);

export const enrollSchema = z
  .discriminatedUnion("kind", [
    z
      .strictObject({
        kind: z.literal("est").describe("Enrolment over secure transport (RFC 7030)."),
        url: httpsUrl("The endpoint; `/.well-known/est` is added when there is no path."),
        username: word("User name at the endpoint.").optional(),
        password: secret("Password at the endpoint: where it lies.").optional(),
        ...request,
      })
      .describe("By EST."),
    z
      .strictObject({
        kind: z.literal("step-ca").describe("An authority of Smallstep."),
        url: httpsUrl("The authority."),
        token: secret("A one-time token of a provisioner: where it lies; the person is asked when absent.").optional(),
        ...request,
      })
      .describe("By step-ca."),
    z
      .strictObject({
        kind: z.literal("acme").describe("Automatic certificate management (RFC 8555)."),
        url: httpsUrl("The directory of the authority."),
        contact: word("Mail address of whoever is responsible, for the authority.").optional(),
        account: filePath("Key of the account, PEM; made when there is none."),
        external_account: word("Id of an account that the authority gave out beforehand.").optional(),
        mac: secret("Key of that account, base64url: where it lies.").optional(),
        http_challenge: hostPort("Where proofs by `http-01` are served while they are asked for.").default("0.0.0.0:80"),
        ...request,
      })
      .describe("By ACME."),
  ])
  .describe("Where the certificate comes from and is renewed, without anybody's help.");
