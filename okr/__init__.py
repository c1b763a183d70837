"""The rules of OKRs: objectives, key results, scores, status. Pure: no network, files, clock or environment."""
