// The card that the fake libcuda and the fake NVML share: who holds how much. With FAKE_GPU_STATE the
// board is a file, so that processes see each other; else it is this process's own.
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1024ull * 1024ull)
#define SLOTS 64
#define BOARD_LOCK 4096

struct holder {
  int pid;
  uint64_t bytes;
};

static struct holder *board;
static int board_file = -1;

static uint64_t setting(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  return text != NULL && *text != '\0' ? strtoull(text, NULL, 10) : otherwise;
}

static uint64_t vram_bytes(void) { return setting("FAKE_VRAM_MIB", 1024) * MIB; }
static uint64_t reserved_bytes(void) { return setting("FAKE_RESERVED_MIB", 64) * MIB; }

// A record lock goes with its process, whichever way that ends: no dead holder keeps its slot.
static int lock_byte(int command, short type, off_t at) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
  int result = fcntl(board_file, command, &lock);
  return command == F_GETLK ? lock.l_type != F_UNLCK : result;
}

static void open_board(void) {
  if (board != NULL) {
    return;
  }
  const char *path = getenv("FAKE_GPU_STATE");
  size_t bytes = SLOTS * sizeof(struct holder);
  if (path == NULL || *path == '\0') {
    board = calloc(SLOTS, sizeof(struct holder));
    return;
  }
  board_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (board_file < 0 || ftruncate(board_file, 2 * BOARD_LOCK) != 0) {
    abort();
  }
  board = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, board_file, 0);
}

static void lock_board(void) {
  if (board_file >= 0) {
    lock_byte(F_SETLKW, F_WRLCK, BOARD_LOCK);
  }
}

static void unlock_board(void) {
  if (board_file >= 0) {
    lock_byte(F_SETLK, F_UNLCK, BOARD_LOCK);
  }
}

static int is_alive(int slot) {
  return board[slot].pid == getpid() || (board[slot].pid != 0 && board_file >= 0 && lock_byte(F_GETLK, F_WRLCK, slot));
}

static uint64_t used_bytes(void) {
  uint64_t used = 0;
  for (int slot = 0; slot < SLOTS; slot += 1) {
    if (board[slot].pid != 0 && !is_alive(slot)) {
      memset(&board[slot], 0, sizeof(struct holder));
    }
    used += board[slot].bytes;
  }
  return used;
}
