export function AuditScreen() {
  return <h1>audit</h1>;
}
