"""The pages of datasets: the list, one version, what two have other than each other, and a new one."""
