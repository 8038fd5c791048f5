// Whether the process in this container is ready; ends with 0 when it is.
try {
  const { ok } = await fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/health/ready`);
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
