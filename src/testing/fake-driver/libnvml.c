// NVML over the fake card. FAKE_HIDDEN_BYTES=1 hides the bytes of each process, as inside containers;
// FAKE_OTHER_PROCESSES adds to their list, from FAKE_OTHER_PID on; FAKE_GRAPHICS_PID is a process of 32 MiB in
// the list of graphics; FAKE_DEVICES is how many cards there are, all of them the same one. FAKE_NVML_CODE is what
// reading memory answers, FAKE_LIST_CODE the lists, FAKE_RATES_CODE the utilization. -DOLD_NVML leaves out what
// older drivers lack, -DLISTS_V2 has the lists of drivers 450 to 510. With nvml.h at hand, -DHAS_NVML_H compares
// every prototype.
#define _GNU_SOURCE
#include "fake-gpu.h"
#include <stdio.h>

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

enum { OK = 0, INVALID = 2, UNSUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7, WRONG_VERSION = 25 };

nvmlReturn_t nvmlInit_v2(void) {
  open_board();
  return OK;
}

nvmlReturn_t nvmlShutdown(void) { return OK; }

nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length) {
  strncpy(version, "570.00", length);
  return OK;
}

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) {
  *count = setting("FAKE_DEVICES", 1);
  return OK;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
  *device = (nvmlDevice_t)(uintptr_t)(index + 1);
  return index < setting("FAKE_DEVICES", 1) ? OK : INVALID;
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned int length) {
  unsigned int index = (uintptr_t)device - 1;
  int written = snprintf(uuid, length, "GPU-00112233-4455-6677-8899-aabbccddee%02x", 0xff - index);
  return written < (int)length ? OK : TOO_SMALL;
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
  return setting("FAKE_RATES_CODE", OK);
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

#ifdef LISTS_V2
#define LIST(kind) nvmlDeviceGet##kind##RunningProcesses_v2
#else
#define LIST(kind) nvmlDeviceGet##kind##RunningProcesses_v3
#endif

static nvmlReturn_t fitted(unsigned int held, unsigned int *count) {
  int fits = held <= *count;
  *count = held;
  return fits ? setting("FAKE_LIST_CODE", OK) : TOO_SMALL;
}

nvmlReturn_t LIST(Compute)(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *rows) {
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
    write_row(rows, held++, *count, setting("FAKE_OTHER_PID", 1000000) + other, MIB);
  }
  return fitted(held, count);
}

nvmlReturn_t LIST(Graphics)(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *rows) {
  (void)device;
  unsigned int pid = setting("FAKE_GRAPHICS_PID", 0);
  if (pid != 0) {
    write_row(rows, 0, *count, pid, 32 * MIB);
  }
  return fitted(pid != 0, count);
}

nvmlReturn_t LIST(MPSCompute)(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *rows) {
  (void)device, (void)count, (void)rows;
  return UNSUPPORTED;
}
#endif

const char *nvmlErrorString(nvmlReturn_t code) {
  return (int)code == 15 ? "GPU is lost" : (int)code == 4 ? "Insufficient Permissions" : "error of the fake";
}
