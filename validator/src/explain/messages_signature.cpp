#include <cerrno>

#include "explain/message.h"

// kernel/module/signing.c, kernel/module_signature.c, crypto/asymmetric_keys/pkcs7_*.c,
// security/lockdown/lockdown.c

namespace kovet::explain {

namespace {

constexpr std::string_view sign_it =
    "kovet signature M.ko; sign it with the kernel's scripts/sign-file and a key that this machine "
    "trusts (mokutil --import for your own), and do not strip it afterwards";

constexpr Message table[] = {
    {.id = "signature-unsigned",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EKEYREJECTED,
     .texts = {"Loading of unsigned module is rejected", "{module}: unsigned module is rejected",
               "{module}: loading of unsigned module is rejected",
               "Loading of unsigned modules is rejected"},
     .meaning = "This kernel enforces signatures, and the file does not end with one.",
     .causes = {"the module was never signed (a build outside the kernel tree does not sign)",
                "strip, or a package build that strips, removed the signature",
                "it was loaded with modprobe -f or --force-*, which discards the signature"},
     .next = sign_it},
    {.id = "signature-unavailable-key",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EKEYREJECTED,
     .texts = {"Loading of module with unavailable key is rejected",
               "{module}: module with unavailable key is rejected",
               "{module}: loading of module with unavailable key is rejected"},
     .meaning = "The module is signed, but none of the keys this kernel trusts made the signature, "
                "and signatures are enforced.",
     .causes = {"it was signed with your own key, which is not enrolled on this machine",
                "the key is enrolled (MOK), but this kernel does not trust machine owner keys for "
                "modules",
                "it was signed for another kernel build, whose key was thrown away"},
     .next = "kovet signature M.ko tells the signer; compare with: keyctl list "
             "%:.builtin_trusted_keys, "
             "keyctl list %:.secondary_trusted_keys, keyctl list %:.platform; enrol with mokutil "
             "--import"},
    {.id = "signature-unsupported-crypto",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EKEYREJECTED,
     .texts = {"Loading of module with unsupported crypto is rejected",
               "{module}: module with unsupported crypto is rejected",
               "{module}: loading of module with unsupported crypto is rejected"},
     .meaning =
         "The signature uses a format, hash or key algorithm that this kernel does not have.",
     .causes = {"signed with a hash the kernel was built without (sign-file sha256 nearly always "
                "works)",
                "a key type the kernel lacks (CONFIG_CRYPTO_ECDSA, CONFIG_CRYPTO_RSA)",
                "an old signature format, from before PKCS#7"},
     .next = "kovet signature M.ko; sign again with the hash of CONFIG_MODULE_SIG_HASH"},
    {.id = "signature-not-pkcs7",
     .gate = "signature",
     .stage = Stage::undecided,
     .error = EKEYREJECTED,
     .texts = {"module: not signed with expected PKCS#7 message",
               "module: Module is not signed with expected PKCS#7 message"},
     .meaning =
         "The file ends like a signed module, but the signature is not of the PKCS#7 kind, "
         "the only one that current kernels read. Where signatures are enforced the module is "
         "refused with EKEYREJECTED, under lockdown with EPERM, each with a line of its own; "
         "else it counts as unsigned (flag E) and the load goes on.",
     .causes = {"signed by a tool for much older kernels", "the trailer was damaged"},
     .next = sign_it},
    {.id = "signature-not-pkcs7-old",
     .gate = "signature",
     .stage = Stage::refused,
     .error = ENOPKG,
     .texts = {"Module is not signed with expected PKCS#7 message"},
     .meaning =
         "The file ends like a signed module, but the signature is not of the PKCS#7 kind. "
         "Kernels from 4.3 to 5.3, which say it in this way, refuse that whether they enforce "
         "signatures or not.",
     .causes = {"signed by a tool for much older kernels", "the trailer was damaged"},
     .next = sign_it},
    {.id = "signature-nonzero-params",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EBADMSG,
     .texts = {"PKCS#7 signature info has unexpected non-zero params"},
     .meaning = "The twelve bytes before the signature marker hold values where the kernel demands "
                "zeros. Always fatal, whether signatures are enforced or not.",
     .causes = {"signed by a tool for much older kernels", "the file was damaged or patched"},
     .next = "kovet signature M.ko; sign again with this kernel's scripts/sign-file"},
    {.id = "signature-invalid-content",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EKEYREJECTED,
     .texts = {"Invalid module sig (not pkcs7-data)", "Invalid module sig (has authattrs)"},
     .meaning = "The PKCS#7 message is not of the form the kernel accepts for modules.",
     .causes = {"made with openssl cms or smime with default options instead of sign-file "
                "(it needs -binary -noattr -nosmimecap -nocerts)"},
     .next = "sign again with this kernel's scripts/sign-file"},
    {.id = "signature-digest-mismatch",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EKEYREJECTED,
     .texts = {"PKCS7: Sig {number}: Message digest doesn't match"},
     .meaning = "The content of the file is not what was signed. Always fatal.",
     .causes = {"the module was changed after it was signed", "a broken copy"},
     .next = "kovet signature M.ko; copy it again, or sign it again as the very last step"},
    {.id = "signature-pkcs7-algorithm",
     .gate = "signature",
     .stage = Stage::undecided,
     .error = EKEYREJECTED,
     .texts = {"Unsupported digest algo: {number}", "Unsupported pkey algo: {number}"},
     .meaning =
         "The signature names a hash or a key algorithm that this kernel does not know. Where "
         "signatures are enforced the module is refused with EKEYREJECTED, under lockdown with "
         "EPERM, each with a line of its own; else it counts as unsigned (flag E) and the load "
         "goes on. Kernels before 5.4 always refuse it (ENOPKG).",
     .causes = {"signed with a hash or a key that the kernel was built without",
                "made by another tool than sign-file"},
     .next = "kovet signature M.ko; sign again with this kernel's scripts/sign-file"},
    {.id = "signature-pkcs7-unsupported",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EINVAL,
     .texts = {"PKCS7: Unsupported {what}", "PKCS7: Only support pkcs7_signedData type",
               "PKCS7: Inconsistently supplied authAttrs"},
     .meaning =
         "The PKCS#7 message after the module has a form that this kernel does not know. Such "
         "a signature is always fatal.",
     .causes = {"made by another tool than sign-file", "the trailer was damaged"},
     .next = "kovet signature M.ko; sign again with this kernel's scripts/sign-file"},
    {.id = "signature-pkcs7-malformed",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EBADMSG,
     .texts = {"PKCS7: SignedData-SignerInfo version mismatch", "PKCS7: Missing required AuthAttr",
               "PKCS7: Unexpected Authenticode AuthAttr", "PKCS7: Authenticode requires AuthAttrs",
               "PKCS7: Mismatch between global data type ({number})",
               "PKCS7: Sig {number}: Invalid digest size ({number})"},
     .meaning =
         "The PKCS#7 message after the module contradicts itself. Such a signature is always "
         "fatal.",
     .causes = {"made by another tool than sign-file", "the trailer was damaged"},
     .next = "kovet signature M.ko; sign again with this kernel's scripts/sign-file"},
    {.id = "signature-pkcs7-data",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EBADMSG,
     .texts = {"PKCS#7 signature with non-detached data"},
     .meaning =
         "The PKCS#7 message holds a copy of what it signs; the kernel wants it without. Always "
         "fatal.",
     .causes = {"made with openssl smime -nodetach or cms -nodetach instead of sign-file"},
     .next = "sign again with this kernel's scripts/sign-file"},
    {.id = "signature-pkcs7-attributes",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EKEYREJECTED,
     .texts = {"Repeated/multivalue AuthAttrs not permitted",
               "S/MIME Caps only allowed with Authenticode",
               "Authenticode AuthAttrs only allowed with Authenticode",
               "PKCS7: Sig {number}: No messageDigest",
               "PKCS7: Sig {number}: X.509 chain contains auth-skid nonmatch"},
     .meaning = "The signature's attributes or certificates are not as the kernel wants them.",
     .causes = {"made with openssl cms or smime with default options instead of sign-file",
                "the trailer was damaged"},
     .next = sign_it},
    {.id = "signature-unknown-oid",
     .gate = "signature",
     .stage = Stage::context,
     .texts = {"PKCS7: Unknown OID: [{number}] {word}"},
     .meaning =
         "A signature names an algorithm or attribute ({word}) that this kernel does not know; "
         "the lines after it say what came of it.",
     .causes = {"signed with a hash or a key that the kernel was built without"},
     .next = "kovet signature M.ko"},
    {.id = "certificate-revoked",
     .gate = "signature",
     .stage = Stage::context,
     .texts = {"X.509: Cert {value} is blacklisted"},
     .meaning = "The machine's revocation list names a certificate: what it signed is refused "
                "(EKEYREJECTED).",
     .causes = {"a key that its owner or the distribution revoked"},
     .next = "keyctl list %:.blacklist; kovet signature M.ko"},
    {.id = "signature-key-unknown-old",
     .gate = "signature",
     .stage = Stage::warned,
     .texts = {"Request for unknown module key '{key}' err {error}"},
     .meaning =
         "Kernels from 3.7 to 4.2: the module is signed with a key that is not in the kernel's "
         "keyring. Enforced, that is refused with ENOKEY; else it is loaded and sets flag E.",
     .causes = {"the module is of another kernel package, whose key was made for that build alone",
                "your own key was not enrolled"},
     .next = "kovet signature M.ko; keyctl list %:.system_keyring"},
    {.id = "key-not-loaded",
     .gate = "signature",
     .stage = Stage::context,
     .texts = {"Problem loading in-kernel X.509 certificate ({number})",
               "Problem loading X.509 certificate {number}",
               "Problem parsing in-kernel X.509 certificate list"},
     .meaning =
         "A certificate could not be taken into one of the kernel's keyrings at boot: modules "
         "signed with its key have no trusted key then.",
     .causes = {"an expired or malformed certificate", "an algorithm the kernel lacks"},
     .next =
         "keyctl list %:.builtin_trusted_keys; keyctl list %:.platform; mokutil --list-enrolled"},
    {.id = "ima-appraise",
     .gate = "syscall",
     .stage = Stage::refused,
     .error = EACCES,
     .texts = {"op=appraise_data cause={cause} comm=",
               "impossible to appraise a module without a file descriptor",
               "impossible to appraise a kernel module without a file descriptor"},
     .meaning = "IMA demands a signature or a hash in the file's security.ima attribute before the "
                "loader sees the module.",
     .causes = {"an IMA policy that appraises modules (func=MODULE_CHECK), and a file without the "
                "attribute",
                "copied without extended attributes (cp without --preserve=xattr, tar without "
                "--xattrs)",
                "a loader that uses init_module() instead of finit_module()"},
     .next = "getfattr -m security.ima -d M.ko; cat /sys/kernel/security/ima/policy"},
    {.id = "signature-outside-validity",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EKEYREJECTED,
     .texts = {"Message signed outside of X.509 validity window"},
     .meaning = "The signing time lies outside the certificate's validity. Always fatal.",
     .causes = {"the build machine's clock was wrong", "an expired certificate was used"},
     .next = "openssl x509 -in CERT -noout -dates; sign again inside that time"},
    {.id = "signature-hash-revoked",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EKEYREJECTED,
     .texts = {"Module hash {value} is blacklisted"},
     .meaning = "The machine's revocation list (dbx or MOKX) names this very file.",
     .causes = {"the file was revoked by the distribution or the firmware's vendor"},
     .next = "keyctl list %:.blacklist; build and sign a current version"},
    {.id = "lockdown-unsigned",
     .gate = "signature",
     .stage = Stage::refused,
     .error = EPERM,
     .texts = {"Lockdown: {comm}: unsigned module loading is restricted",
               "Lockdown: {comm}: Loading of unsigned modules is restricted",
               "Lockdown: Loading of unsigned modules is restricted",
               "Lockdown: {comm}: Loading of unsigned module is restricted"},
     .meaning = "The kernel is locked down (usually because of Secure Boot) and takes no module "
                "without a signature it trusts.",
     .causes = {"the module is not signed", "it is signed with a key that is not enrolled",
                "the signature was stripped"},
     .next =
         "cat /sys/kernel/security/lockdown; kovet signature M.ko; sign it and enrol the key with "
         "mokutil --import"},
    {.id = "lockdown-parameters",
     .gate = "parameters",
     .stage = Stage::refused,
     .error = EPERM,
     .texts = {"Lockdown: {comm}: unsafe module parameters is restricted"},
     .meaning = "A locked-down kernel takes no parameters that name hardware addresses (I/O ports, "
                "interrupts, DMA channels).",
     .causes = {"an options line in modprobe.d sets such a parameter"},
     .next = "modprobe -c | grep '^options'; drop the parameter"},
    {.id = "lockdown-active",
     .gate = "signature",
     .stage = Stage::context,
     .texts = {"Kernel is locked down from {source}; see man kernel_lockdown.7"},
     .meaning = "Lockdown is on ({source}): unsigned modules are refused with EPERM where "
                "CONFIG_MODULE_SIG is set.",
     .causes = {},
     .next = "cat /sys/kernel/security/lockdown"},
    {.id = "loadpin",
     .gate = "syscall",
     .stage = Stage::refused,
     .error = EPERM,
     .texts = {"LoadPin: {what} denied obj={path} pid=",
               "LoadPin: umount pinned fs: refusing further loads"},
     .meaning = "LoadPin lets modules come only from the file system that the first one came from.",
     .causes = {"the module lies on another file system than the root"},
     .next = "copy it below /lib/modules, or boot with loadpin.enforce=0"},
    {.id = "selinux-module-load",
     .gate = "syscall",
     .stage = Stage::refused,
     .error = EACCES,
     .texts = {"avc:  denied  {{ module_load } for", "avc: denied {{ module_load } for"},
     .meaning = "SELinux forbids this process to load modules, or this file as one.",
     .causes = {"the file has no label for modules (it was moved, not copied)",
                "the program that loads runs in a confined domain"},
     .next = "ls -Z M.ko; restorecon -v M.ko; ausearch -m avc -ts recent"},
};

}  // namespace

std::span<const Message> signature_messages() {
  return table;
}

}  // namespace kovet::explain
