/** The product's mark: a gate with light in it. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        className="mark-arch"
        fillRule="evenodd"
        d="M3 29V16C3 8.800 8.800 3 16 3s13 5.800 13 13v13h-6.500V16a6.500 6.500 0 0 0-13 0v13z"
      />
      <path className="mark-light" d="M12.500 29V16.200a3.500 3.500 0 0 1 7 0V29z" />
    </svg>
  );
}
