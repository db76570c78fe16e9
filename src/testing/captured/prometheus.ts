/** A metrics page with every kind of line that the text format knows. */
export const metricsPage = `# HELP uttera_stt_inflight_requests Requests under way
# TYPE uttera_stt_inflight_requests gauge
uttera_stt_inflight_requests 7
# TYPE uttera_stt_oom_predictor_skipped_total counter
uttera_stt_oom_predictor_skipped_total 3
# TYPE uttera_stt_duration_seconds histogram
uttera_stt_duration_seconds_bucket{le="0.5"} 4
uttera_stt_duration_seconds_bucket{le="+Inf"} 9
uttera_stt_duration_seconds_sum 4.25
uttera_stt_duration_seconds_count 9
headroom_device_used_bytes{kind="virtual"} 1.8253611008e+10
headroom_label_odd{path="/a b\\"}c",x="1"} 2 1700000000000
vllm:kv_cache_usage_perc{model_name="m"} NaN
process_resident_memory_bytes 5.2e+07
go_goroutines 12
nodejs_heap_size_total_bytes 1
this line is no metric
`;
