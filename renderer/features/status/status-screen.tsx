export function StatusScreen() {
  return <h1>status</h1>;
}
