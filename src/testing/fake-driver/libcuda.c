// A driver without a card, for tests: the entry points that the binding calls, with the driver's codes.
// FAKE_VRAM_MIB, FAKE_CONTEXT_MIB and FAKE_RESERVED_MIB size it; FAKE_INIT_CODE is what cuInit answers,
// FAKE_PTX_CODE what a module load answers. With cuda.h at hand, -DHAS_CUDA_H compares every prototype.
#define _GNU_SOURCE
#include "fake-gpu.h"
#include "host-kernels.h"

#ifdef HAS_CUDA_H
#include <cuda.h>
#else
typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef void *CUcontext, *CUmodule, *CUfunction, *CUmemoryPool;
typedef struct CUstream_st *CUstream;
typedef int CUmemPool_attribute;
typedef struct {
  char bytes[16];
} CUuuid;
#endif

#define PAGE (2 * MIB)
#define MOST_ALLOCATIONS 65536

enum { OK = 0, INVALID = 1, NO_MEMORY = 2, NOT_READY = 3, NO_DEVICE = 100, NO_CONTEXT = 201, BAD_PTX = 218 };
enum { NOT_FOUND = 500, RUNNING = 600 };

struct allocation {
  CUdeviceptr address;
  uint64_t bytes;
  int is_pooled;
};

struct CUstream_st {
  uint64_t busy_until_ns;
};

static int is_ready;
static int retained;
static int slot = -1;
static struct allocation allocations[MOST_ALLOCATIONS];
static struct CUstream_st streams[256];
static uint64_t pool_threshold, pool_reserved, pool_used, pool_reserved_high, pool_used_high;
// The current context belongs to a thread, as in the driver.
static __thread CUcontext current;

static uint64_t context_bytes(void) { return setting("FAKE_CONTEXT_MIB", 100) * MIB; }
static uint64_t pages(uint64_t bytes) { return (bytes + PAGE - 1) / PAGE * PAGE; }

static int take_bytes(uint64_t bytes) {
  lock_board();
  int fits = bytes <= vram_bytes() - reserved_bytes() - used_bytes();
  if (fits) {
    board[slot].bytes += bytes;
  }
  unlock_board();
  return fits;
}

static void give_bytes(uint64_t bytes) {
  lock_board();
  board[slot].bytes -= bytes;
  unlock_board();
}

static void take_slot(void) {
  lock_board();
  used_bytes();
  for (slot = 0; slot < SLOTS - 1 && board[slot].pid != 0; slot += 1);
  board[slot] = (struct holder){.pid = getpid(), .bytes = 0};
  if (board_file >= 0) {
    lock_byte(F_SETLK, F_WRLCK, slot);
  }
  unlock_board();
}

CUresult cuInit(unsigned int flags) {
  (void)flags;
  CUresult code = setting("FAKE_INIT_CODE", OK);
  if (code == OK) {
    open_board();
    is_ready = 1;
  }
  return code;
}

CUresult cuDriverGetVersion(int *version) {
  *version = 12080;
  return OK;
}

CUresult cuDeviceGetCount(int *count) {
  *count = 1;
  return is_ready ? OK : NOT_READY;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  *device = ordinal;
  return ordinal == 0 ? OK : 101;
}

CUresult cuDeviceGetName(char *name, int length, CUdevice device) {
  (void)device;
  strncpy(name, "Fake GPU", length);
  return OK;
}

CUresult cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice device) {
  (void)device;
  for (int index = 0; index < 16; index += 1) {
    uuid->bytes[index] = (char)(index * 17);
  }
  return OK;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
  (void)device;
  if (!is_ready) {
    return NOT_READY;
  }
  if (retained == 0) {
    take_slot();
    if (!take_bytes(pages(context_bytes()))) {
      memset(&board[slot], 0, sizeof(struct holder));
      return NO_MEMORY;
    }
  }
  retained += 1;
  *context = (CUcontext)0x1000;
  return OK;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  (void)device;
  if (retained == 0) {
    return NO_CONTEXT;
  }
  retained -= 1;
  if (retained == 0) {
    for (int index = 0; index < MOST_ALLOCATIONS; index += 1) {
      if (allocations[index].address != 0) {
        munmap((void *)allocations[index].address, allocations[index].bytes);
      }
    }
    memset(allocations, 0, sizeof allocations);
    memset(&board[slot], 0, sizeof(struct holder));
    pool_reserved = pool_used = pool_reserved_high = pool_used_high = 0;
    current = NULL;
  }
  return OK;
}

CUresult cuCtxSetCurrent(CUcontext context) {
  current = context;
  return OK;
}

CUresult cuMemGetInfo_v2(size_t *free_bytes, size_t *total_bytes) {
  if (current == NULL) {
    return NO_CONTEXT;
  }
  lock_board();
  *total_bytes = vram_bytes();
  *free_bytes = vram_bytes() - reserved_bytes() - used_bytes();
  unlock_board();
  return OK;
}

static struct allocation *find_allocation(CUdeviceptr address) {
  for (int index = 0; index < MOST_ALLOCATIONS; index += 1) {
    if (allocations[index].address == address) {
      return &allocations[index];
    }
  }
  return NULL;
}

// Device memory is an unwritten mapping: kernels can compute in it, and untouched it costs nothing.
static CUdeviceptr map_bytes(uint64_t bytes, int is_pooled) {
  void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  *find_allocation(0) = (struct allocation){(CUdeviceptr)at, bytes, is_pooled};
  return (CUdeviceptr)at;
}

CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes) {
  if (current == NULL) {
    return NO_CONTEXT;
  }
  if (bytes == 0) {
    return INVALID;
  }
  if (!take_bytes(pages(bytes))) {
    return NO_MEMORY;
  }
  *address = map_bytes(pages(bytes), 0);
  return OK;
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  struct allocation *held = address == 0 ? NULL : find_allocation(address);
  if (current == NULL || held == NULL || held->is_pooled) {
    return current == NULL ? NO_CONTEXT : INVALID;
  }
  give_bytes(held->bytes);
  munmap((void *)address, held->bytes);
  memset(held, 0, sizeof *held);
  return OK;
}

CUresult cuMemHostAlloc(void **address, size_t bytes, unsigned int flags) {
  (void)flags;
  if (current == NULL) {
    return NO_CONTEXT;
  }
  size_t held = bytes + 4096;
  char *at = mmap(NULL, held, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) {
    return NO_MEMORY;
  }
  // The first page keeps the length. A driver writes no page either, but its pages are there at once.
  memset(at, 0, held);
  *(size_t *)at = held;
  *address = at + 4096;
  return OK;
}

CUresult cuMemFreeHost(void *address) {
  char *at = (char *)address - 4096;
  munmap(at, *(size_t *)at);
  return OK;
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
  (void)stream;
  memcpy((void *)to, from, bytes);
  return current == NULL ? NO_CONTEXT : OK;
}

CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
  (void)stream;
  memcpy(to, (void *)from, bytes);
  return current == NULL ? NO_CONTEXT : OK;
}

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
  CUresult code = setting("FAKE_PTX_CODE", OK);
  *module = (CUmodule)0x2000;
  if (current == NULL) {
    return NO_CONTEXT;
  }
  return code != OK ? code : strncmp(image, ".version 7.0\n.target sm_75\n", 27) == 0 ? OK : BAD_PTX;
}

CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
  (void)module;
  for (size_t index = 0; index < sizeof kernels / sizeof kernels[0]; index += 1) {
    if (strcmp(kernels[index].name, name) == 0) {
      *function = (CUfunction)&kernels[index];
      return OK;
    }
  }
  return NOT_FOUND;
}

CUresult cuLaunchKernel(CUfunction function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z,
                        unsigned int block_x, unsigned int block_y, unsigned int block_z, unsigned int shared_bytes,
                        CUstream stream, void **arguments, void **extra) {
  (void)shared_bytes;
  if (current == NULL) {
    return NO_CONTEXT;
  }
  if (extra != NULL || grid_z != 1 || block_z != 1 || block_x * block_y > MOST_THREADS) {
    return INVALID;
  }
  const struct kernel *kernel = (const struct kernel *)function;
  if (kernel->run == run_spin) {
    // The thread goes on at once, the stream is busy.
    uint64_t now = clock_ns();
    uint64_t from = stream->busy_until_ns > now ? stream->busy_until_ns : now;
    stream->busy_until_ns = from + *(unsigned long long *)arguments[0];
    return OK;
  }
  run_grid(kernel, (struct position){grid_x, grid_y}, (struct position){block_x, block_y}, arguments);
  return OK;
}

CUresult cuStreamCreate(CUstream *stream, unsigned int flags) {
  static int next;
  (void)flags;
  *stream = &streams[next++ % 256];
  (*stream)->busy_until_ns = 0;
  return current == NULL ? NO_CONTEXT : OK;
}

CUresult cuStreamDestroy_v2(CUstream stream) {
  (void)stream;
  return OK;
}

CUresult cuStreamQuery(CUstream stream) {
  if (current == NULL) {
    return NO_CONTEXT;
  }
  return stream->busy_until_ns > clock_ns() ? RUNNING : OK;
}

CUresult cuStreamSynchronize(CUstream stream) {
  while (cuStreamQuery(stream) == RUNNING) {
    usleep(100);
  }
  return cuStreamQuery(stream);
}

#include "memory-pool.h"
