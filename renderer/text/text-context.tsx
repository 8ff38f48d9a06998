import { createContext, type ReactNode, useContext, useMemo } from "react";
import { type Catalogue, catalogues, type Language } from "./catalogue.ts";
import { createFormat, type Format } from "./format.ts";

export interface Text {
  readonly language: Language;
  readonly t: Catalogue;
  readonly f: Format;
}

const TextContext = createContext<Text>({ language: "en", t: catalogues.en, f: createFormat("en") });

export function TextProvider({ language, children }: { readonly language: Language; readonly children: ReactNode }) {
  const text = useMemo(() => ({ language, t: catalogues[language], f: createFormat(language) }), [language]);
  return <TextContext value={text}>{children}</TextContext>;
}

export function useText(): Text {
  return useContext(TextContext);
}
