export function SettingsScreen() {
  return <h1>settings</h1>;
}
