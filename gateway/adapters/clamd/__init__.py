"""How are attached documents shown to clamd, the daemon of ClamAV?"""
