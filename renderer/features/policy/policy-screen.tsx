export function PolicyScreen() {
  return <h1>policy</h1>;
}
