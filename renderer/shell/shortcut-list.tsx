import { useText } from "../text/index.ts";
import { Dialog } from "../ui/index.ts";

export function ShortcutList({ onClose }: { readonly onClose: () => void }) {
  const { t } = useText();
  const words = t.shell.shortcuts;
  return (
    <Dialog title={words.title} closeLabel={t.common.close} onClose={onClose}>
      <table className="shortcuts">
        <thead className="hidden-text">
          <tr>
            <th scope="col">{words.keys}</th>
            <th scope="col">{words.does}</th>
          </tr>
        </thead>
        <tbody>
          {words.list.map((shortcut) => (
            <tr key={shortcut.does}>
              <td>
                {shortcut.keys.map((key) => (
                  <kbd key={key} className="key">
                    {key}
                  </kbd>
                ))}
              </td>
              <td>{shortcut.does}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
