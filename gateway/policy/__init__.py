"""Policy: who is calling, what may be asked and of whom, and what may be seen.

`narrowing` limits a question before it is asked · `disclosure` is the check that every record passes before it leaves:
ownership, masks, access log · `permissions` declares who may call an operation. Decides only: asks no system and
fetches nothing. May import `ground` and `records`; only `access_log` may import `storage`.
"""
