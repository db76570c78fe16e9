// The stream-ordered pool of libcuda.c: what is freed stays reserved up to the threshold.

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool *pool, CUdevice device) {
  (void)device;
  *pool = (CUmemoryPool)0x3000;
  return OK;
}

static void note_high(void) {
  pool_reserved_high = pool_reserved > pool_reserved_high ? pool_reserved : pool_reserved_high;
  pool_used_high = pool_used > pool_used_high ? pool_used : pool_used_high;
}

static void trim_pool(uint64_t keep_bytes) {
  uint64_t kept = keep_bytes > pool_used ? keep_bytes : pool_used;
  if (pool_reserved > kept) {
    give_bytes(pool_reserved - kept);
    pool_reserved = kept;
  }
}

CUresult cuMemAllocAsync(CUdeviceptr *address, size_t bytes, CUstream stream) {
  (void)stream;
  uint64_t wanted = pages(bytes);
  uint64_t spare = pool_reserved - pool_used;
  if (current == NULL) {
    return NO_CONTEXT;
  }
  if (wanted > spare) {
    if (!take_bytes(wanted - spare)) {
      return NO_MEMORY;
    }
    pool_reserved += wanted - spare;
  }
  pool_used += wanted;
  note_high();
  *address = map_bytes(wanted, 1);
  return OK;
}

CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream) {
  (void)stream;
  struct allocation *held = address == 0 ? NULL : find_allocation(address);
  if (held == NULL || !held->is_pooled) {
    return INVALID;
  }
  pool_used -= held->bytes;
  munmap((void *)address, held->bytes);
  memset(held, 0, sizeof *held);
  trim_pool(pool_threshold);
  return OK;
}

static uint64_t *pool_value(CUmemPool_attribute attribute) {
  switch ((int)attribute) {
    case 4: return &pool_threshold;
    case 5: return &pool_reserved;
    case 6: return &pool_reserved_high;
    case 7: return &pool_used;
    case 8: return &pool_used_high;
    default: return NULL;
  }
}

CUresult cuMemPoolGetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value) {
  (void)pool;
  uint64_t *held = pool_value(attribute);
  if (held == NULL) {
    return INVALID;
  }
  *(uint64_t *)value = *held;
  return OK;
}

CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value) {
  (void)pool;
  if ((int)attribute != 4) {
    return INVALID;
  }
  pool_threshold = *(uint64_t *)value;
  return OK;
}

CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t keep_bytes) {
  (void)pool;
  trim_pool(keep_bytes);
  return OK;
}
