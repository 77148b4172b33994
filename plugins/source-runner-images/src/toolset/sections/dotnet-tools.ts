export function* dotnetToolRows() {}
export function* dotnetAptRows() {}
