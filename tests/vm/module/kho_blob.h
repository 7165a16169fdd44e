/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What Kexec HandOver shows in debugfs, for test modules that change it.
 */
#ifndef KHO_BLOB_H
#define KHO_BLOB_H

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>

/**
 * kho_blob() - find what a file of KHO shows
 * @path: of the file
 *
 * KHO does not tell modules where these pages are, but debugfs keeps that with the
 * file.
 *
 * Return: where KHO has it, or NULL if there is no such file.
 */
static inline const struct debugfs_blob_wrapper *kho_blob(const char *path)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	const struct debugfs_blob_wrapper *blob;

	if (IS_ERR(file))
		return NULL;
	blob = file_inode(file)->i_private;
	filp_close(file, NULL);
	return blob;
}

#endif
