/** The lines of the tables. */

/**
 * A line of a table. `goals` are what issue and design promise; `lower` and `upper` bound Portail's ratio to somebody, or its own figure.
 */
export const figure = (key, title, unit, goals = []) => ({ key, title, unit, goals });

export const streamFigures = (what, goals, costGoals) => [
  figure("speed", what, "Gbit/s", goals),
  figure("cost", `${what}: processor`, "s/GB", costGoals),
];
