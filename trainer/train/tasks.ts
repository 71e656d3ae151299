// Shows what a command is doing, in one line.

/** One line that is overwritten on a terminal, nothing elsewhere. */
export function createTasks(stream: NodeJS.WriteStream) {
  const clear = () => stream.isTTY && stream.write("\r\x1b[K");
  return {
    show: (task: string) => {
      if (clear()) stream.write(task);
    },
    stop: () => void clear(),
  };
}

/**
 * Tells how far counted work is, and how long it will take.
 * @param show  takes the line
 */
export function countDown(show: (task: string) => void) {
  const start = performance.now();
  return (task: string, done: number, total: number) => {
    const seconds = ((performance.now() - start) / 1000 / done) * (total - done);
    show(`${done} of ${total} ${task}, ${formatDuration(seconds)} left`);
  };
}

export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
