export function* mavenRows() {}
