/**
 * What a PAC file may use (the functions that browsers offer), and how it is asked, as a script that runs before it. Names are looked up by
 * whoever asks: a name that is not in `answers` is told back, and the question comes again with its addresses.
 */
const FUNCTIONS = `
var __portail = { answers: {}, wanted: [], own: "127.0.0.1", now: 0 };
function isPlainHostName(host) { return String(host).indexOf(".") < 0 && String(host).indexOf(":") < 0; }
function dnsDomainIs(host, domain) { host = String(host).toLowerCase(); domain = String(domain).toLowerCase(); return host.length >= domain.length && host.slice(-domain.length) === domain; }
function localHostOrDomainIs(host, full) { host = String(host).toLowerCase(); full = String(full).toLowerCase(); return host === full || (host.indexOf(".") < 0 && full.indexOf(host + ".") === 0); }
function dnsDomainLevels(host) { return String(host).split(".").length - 1; }
function shExpMatch(text, pattern) {
  text = String(text); pattern = String(pattern);
  var t = 0, p = 0, star = -1, mark = 0;
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === "?" || (pattern[p] === text[t] && pattern[p] !== "*"))) { t++; p++; }
    else if (p < pattern.length && pattern[p] === "*") { star = p++; mark = t; }
    else if (star >= 0) { p = star + 1; t = ++mark; }
    else return false;
  }
  while (p < pattern.length && pattern[p] === "*") p++;
  return p === pattern.length;
}
function convert_addr(address) {
  var parts = String(address).split(".");
  return ((parts[0] & 255) << 24) | ((parts[1] & 255) << 16) | ((parts[2] & 255) << 8) | (parts[3] & 255);
}
function __portailIsFour(text) { return /^\\d{1,3}(\\.\\d{1,3}){3}$/.test(text); }
function dnsResolve(host) {
  host = String(host).toLowerCase();
  if (__portailIsFour(host)) return host;
  if (!Object.prototype.hasOwnProperty.call(__portail.answers, host)) { __portail.wanted.push(host); return null; }
  return __portail.answers[host];
}
function isResolvable(host) { return dnsResolve(host) !== null; }
function isInNet(host, net, mask) {
  var address = dnsResolve(host);
  if (address === null || !__portailIsFour(address)) return false;
  return (convert_addr(address) & convert_addr(mask)) === (convert_addr(net) & convert_addr(mask));
}
function myIpAddress() { return __portail.own; }
function alert() {}
function __portailArgs(args) { args = Array.prototype.slice.call(args); var gmt = args[args.length - 1] === "GMT"; if (gmt) args.pop(); return { args: args, gmt: gmt, date: new Date(__portail.now) }; }
function __portailBetween(low, value, high) { return low <= high ? low <= value && value <= high : low <= value || value <= high; }
function weekdayRange() {
  var days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], how = __portailArgs(arguments);
  var today = how.gmt ? how.date.getUTCDay() : how.date.getDay(), from = days.indexOf(how.args[0]);
  return __portailBetween(from, today, how.args.length > 1 ? days.indexOf(how.args[1]) : from);
}
function timeRange() {
  var how = __portailArgs(arguments), a = how.args.map(Number), d = how.date;
  var h = how.gmt ? d.getUTCHours() : d.getHours(), m = how.gmt ? d.getUTCMinutes() : d.getMinutes(), s = how.gmt ? d.getUTCSeconds() : d.getSeconds();
  if (a.length === 1) return h === a[0];
  if (a.length === 2) return __portailBetween(a[0], h, a[1]);
  if (a.length === 4) return __portailBetween(a[0] * 60 + a[1], h * 60 + m, a[2] * 60 + a[3]);
  return __portailBetween(a[0] * 3600 + a[1] * 60 + a[2], h * 3600 + m * 60 + s, a[3] * 3600 + a[4] * 60 + a[5]);
}
function dateRange() {
  var months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], how = __portailArgs(arguments), d = how.date;
  var now = { year: how.gmt ? d.getUTCFullYear() : d.getFullYear(), month: how.gmt ? d.getUTCMonth() : d.getMonth(), day: how.gmt ? d.getUTCDate() : d.getDate() };
  var kindOf = function (one) { return typeof one === "string" && months.indexOf(one) >= 0 ? "month" : Number(one) > 31 ? "year" : "day"; };
  var valueOf = function (one) { return kindOf(one) === "month" ? months.indexOf(one) : Number(one); };
  var weigh = function (parts) { return parts.reduce(function (sum, part) { return sum + part[1] * { year: 10000, month: 100, day: 1 }[part[0]]; }, 0); };
  var half = how.args.length === 1 ? 1 : how.args.length / 2;
  var from = how.args.slice(0, half).map(function (one) { return [kindOf(one), valueOf(one)]; });
  var to = how.args.length === 1 ? from : how.args.slice(half).map(function (one) { return [kindOf(one), valueOf(one)]; });
  return __portailBetween(weigh(from), weigh(from.map(function (part) { return [part[0], now[part[0]]]; })), weigh(to));
}
`;

const ASK = `
;(function (url, host, known) {
  __portail.answers = known.answers; __portail.own = known.own; __portail.now = known.now;
  var result = FindProxyForURL(url, host);
  return { result: typeof result === "string" ? result : null, odd: result !== null && result !== undefined && typeof result !== "string", wanted: __portail.wanted };
})`;

/** The whole script: its value is the function that is asked. */
export function composePacScript(text: string): string {
  return `${FUNCTIONS}\n${text}\n${ASK}`;
}
