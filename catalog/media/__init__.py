"""Pictures and documents from the suppliers' servers: which addresses may be asked, how a file is fetched, made safe and kept, and what is next.

addresses (which may be asked) → fetching (over the network) → pictures (sizes) → files (kept by content) → queue (what is due, and what came of it).
"""
