// Loaded into a child: it ends when the process that started it is gone, however that one ended.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
