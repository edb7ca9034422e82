"""Texts of the device pages: each in Indonesian, then in English."""

from collections.abc import Mapping

DEVICE_TEXTS: Mapping[str, tuple[str, str]] = {
    "device_title": ("Hubungkan perangkat", "Connect a device"),
    "device_lead": (
        "Ketik kode yang tampil di layar perangkat, misalnya anjungan layanan.",
        "Type the code shown on the screen of the device, for instance a service kiosk.",
    ),
    "device_code": ("Kode perangkat", "Device code"),
    "device_wrong": (
        "Kode ini tidak cocok atau sudah tidak berlaku. Minta kode baru di perangkat.",
        "This code is not right, or no longer valid. Ask the device for a new one.",
    ),
    "device_confirm_title": ("Izinkan perangkat ini?", "Allow this device?"),
    "device_confirm_lead": ("meminta izin, lewat sebuah perangkat, untuk:", "asks, through a device, to:"),
    "device_confirm_code": (
        "Pastikan kode ini sama dengan yang tampil di layar perangkat:",
        "Make sure that this code is the one on the screen of the device:",
    ),
    "device_confirm_since": ("Diminta {minutes} menit yang lalu.", "Asked for {minutes} min. ago."),
    "device_confirm_now": ("Baru saja diminta.", "Asked for just now."),
    "device_warning": (
        "Lanjutkan hanya bila Anda sendiri berdiri di depan perangkat itu dan baru saja memulai di sana. Petugas "
        "kota tidak pernah meminta Anda memasukkan kode lewat telepon, WhatsApp, SMS, atau surel. Jika seseorang "
        "mengirimkan kode atau tautan ini kepada Anda, pilih Tolak.",
        "Go on only if you are standing in front of that device yourself and have just started there. The city never "
        "asks you by telephone, WhatsApp, text message or e-mail to enter a code. If somebody sent you this code or "
        "link, choose Refuse.",
    ),
    "device_allow_button": ("Ya, izinkan perangkat ini", "Yes, allow this device"),
    "device_done_title": ("Selesai", "Done"),
    "device_done_allowed": (
        "Perangkat sudah terhubung. Lanjutkan di perangkat itu, dan jangan lupa keluar setelah selesai.",
        "The device is connected. Go on there, and remember to sign out when you have finished.",
    ),
    "device_done_denied": (
        "Perangkat itu tidak mendapat apa pun. Anda dapat menutup halaman ini.",
        "The device gets nothing. You can close this page.",
    ),
    "device_nothing": (
        "Akun Anda tidak dapat memberikan apa yang diminta perangkat ini.",
        "Your account cannot give what this device asks for.",
    ),
}
