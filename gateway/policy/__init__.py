"""Policy: who is calling, which records they may ask for, and what they may see.

`narrowing` limits a question before it is asked · `disclosure` is the check that every record passes before it leaves:
ownership, masks, access log · `permissions` declares who may call an operation. Policy only decides: it calls no system
and fetches nothing. May import `ground` and `records`; only `access_log` may import `storage`.
"""
