export const exportFormats = ["jsonl", "ocsf", "ecs"] as const;
export type ExportFormat = (typeof exportFormats)[number];
