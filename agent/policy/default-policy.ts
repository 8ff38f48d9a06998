/** The text of resources/policies/default.portail, which default-policy.test.ts holds equal: the agent needs no file to start. */
export const defaultPolicyText = `portail policy 1
# The policy that Portail starts with when no other is configured: your own traffic is allowed and recorded.
#
# Nobody else's traffic gets here: the built-in listener serves only programs that run as you. They can reach every address
# of this machine without Portail, so loopback, link-local and metadata addresses are allowed like all others; to refuse
# them here would only look like protection.
#
# To write your own, copy this file, name it in portail.yaml (policy: my.portail), and try it with
#   portail policy test my.portail
# A rule that refuses looks like this:
#
#   set metadata = hosts ["169.254.169.254", "metadata.google.internal"]
#   guard metadata {
#     when request.host in metadata and not client.exe.endsWith("/cloud-init")
#     deny say "Cloud credentials are not for this program."
#   }

policy own-traffic {
  allow log summary on_change drain
}

# You may see the whole decision: it is your machine, and the rule is written here.
reveal page to user {
  show decision.outcome, decision.rule, decision.failed, decision.say, decision.help, decision.incident
  show request.host, request.port
}
# The record on this machine keeps everything but secrets such as request headers.
reveal record to audit_local {
  show class(public, internal, personal)
}

fixture curl { request.protocol: "socks5", request.transport: "tcp", request.tls: true, client.exe: "/usr/bin/curl" }

test "a web site is allowed" {
  given curl, { request.host: "example.org", request.port: 443 }
  expect allow by own-traffic via []
  reveals user decision.rule, request.host
  hides user client.exe
}
test "a service on this machine is allowed" { given curl, { request.host: "127.0.0.1", request.port: 8080 } expect allow by own-traffic }
test "a neighbour on the link is allowed" { given curl, { request.host: "fe80::1", request.port: 22 } expect allow by own-traffic }
test "nothing needs to be known" { given { request.host: "example.org", request.port: 80 } expect allow by own-traffic }
`;
