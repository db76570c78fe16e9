// NVML over the fake card. FAKE_HIDDEN_BYTES=1 hides the bytes of each process, as inside containers;
// FAKE_OTHER_PROCESSES adds to their list; FAKE_NVML_CODE is what reading answers. -DOLD_NVML leaves out
// what older drivers lack. With nvml.h at hand, -DHAS_NVML_H compares every prototype.
#define _GNU_SOURCE
#include "fake-gpu.h"

#ifdef HAS_NVML_H
#include <nvml.h>
#else
typedef int nvmlReturn_t;
typedef void *nvmlDevice_t;
typedef struct {
  unsigned long long total, free, used;
} nvmlMemory_t;
typedef struct {
  unsigned int version;
  unsigned long long total, reserved, free, used;
} nvmlMemory_v2_t;
typedef struct {
  unsigned int gpu, memory;
} nvmlUtilization_t;
typedef struct {
  unsigned int pid;
  unsigned long long usedGpuMemory;
  unsigned int gpuInstanceId, computeInstanceId;
} nvmlProcessInfo_t;
#endif

enum { OK = 0, INVALID = 2, NOT_FOUND = 6, TOO_SMALL = 7, WRONG_VERSION = 25 };

nvmlReturn_t nvmlInit_v2(void) {
  open_board();
  return OK;
}

nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length) {
  strncpy(version, "570.00", length);
  return OK;
}

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) {
  *count = 1;
  return OK;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
  *device = (nvmlDevice_t)0x1;
  return index == 0 ? OK : INVALID;
}

nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *device) {
  *device = (nvmlDevice_t)0x1;
  return strcmp(uuid, "GPU-00112233-4455-6677-8899-aabbccddeeff") == 0 ? OK : NOT_FOUND;
}

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory) {
  (void)device;
  lock_board();
  memory->total = vram_bytes();
  memory->used = used_bytes() + reserved_bytes();
  memory->free = memory->total - memory->used;
  unlock_board();
  return setting("FAKE_NVML_CODE", OK);
}

nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *rates) {
  (void)device;
  rates->gpu = 37;
  rates->memory = 11;
  return OK;
}

#ifndef OLD_NVML
nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t *memory) {
  (void)device;
  if (memory->version != 0x2000028) {
    return WRONG_VERSION;
  }
  lock_board();
  memory->total = vram_bytes();
  memory->reserved = reserved_bytes();
  memory->used = used_bytes();
  memory->free = memory->total - memory->reserved - memory->used;
  unlock_board();
  return setting("FAKE_NVML_CODE", OK);
}

static void write_row(nvmlProcessInfo_t *rows, unsigned int at, unsigned int room, unsigned int pid, uint64_t bytes) {
  if (at < room) {
    int is_hidden = setting("FAKE_HIDDEN_BYTES", 0) != 0;
    rows[at] = (nvmlProcessInfo_t){pid, is_hidden ? ~0ull : bytes, ~0u, ~0u};
  }
}

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *rows) {
  (void)device;
  unsigned int held = 0;
  lock_board();
  used_bytes();
  for (int slot = 0; slot < SLOTS; slot += 1) {
    if (board[slot].pid != 0) {
      write_row(rows, held++, *count, board[slot].pid, board[slot].bytes);
    }
  }
  unlock_board();
  for (unsigned int other = 0; other < setting("FAKE_OTHER_PROCESSES", 0); other += 1) {
    write_row(rows, held++, *count, 1000000 + other, MIB);
  }
  int fits = held <= *count;
  *count = held;
  return fits ? OK : TOO_SMALL;
}
#endif

const char *nvmlErrorString(nvmlReturn_t code) { return (int)code == 15 ? "GPU is lost" : "error of the fake"; }
