//! Issues the URLs of a scenario.

use std::sync::Arc;

use iothub_resource::{ResourceTask, ResourceUrl, Transfer};

use super::{judge::DeviceTask, scenario::StoreFault, scenario_run::ScenarioRun};

impl ScenarioRun<'_> {
    pub(super) fn issue_upload(
        &mut self,
        index: usize,
        plan: &[StoreFault],
    ) -> Option<ResourceTask<'static>> {
        let resource = self.judge.tasks[index].resource.clone();
        let url = self.server.store.issue_upload(self.device, resource.clone()).ok()?;
        self.plan(&url, index, plan);
        Some(ResourceTask::new(resource, url))
    }

    /// Returns the task of a download, with a URL. Issues the URL at the first call, and reuses
    /// this URL for each later delivery. Returns `None` if the task is not a download or the store
    /// cannot issue the URL.
    pub(super) fn issue_download(
        &mut self,
        index: usize,
        plan: &[StoreFault],
    ) -> Option<ResourceTask<'static>> {
        let resource = self.judge.tasks[index].resource.clone();
        let mut downloads = self.attempt.downloads.iter_mut();
        let download = downloads.find(|download| download.task == index)?;
        if let Some(url) = &download.url {
            return Some(ResourceTask::new(resource, url.clone()));
        }
        let source = download.source.clone();
        let task = self.server.store.issue_download(Some(self.device), resource, source).ok()?;
        download.url = Some(task.url.clone());
        self.plan(&task.url, index, plan);
        Some(task)
    }

    fn plan(&mut self, url: &ResourceUrl<'static>, index: usize, plan: &[StoreFault]) {
        let size = self.judge.tasks[index].resource.size.bytes();
        let elsewhere = format!("{}/elsewhere/zxc.txt", self.server.store.public_url());
        let (flow, slow) = (self.scenario.plan.flow, self.options.slow());
        let faults = plan.iter().map(|fault| fault.response_faults(flow, size, slow, &elsewhere));
        self.server.store.plan(url, faults);
        self.judge.issued(url, index, plan, false);
    }

    /// Issues a URL that the device must not use. Returns the task with this URL.
    pub(super) fn decoy(&mut self, index: usize) -> ResourceTask<'static> {
        let DeviceTask { transfer, resource, .. } = self.judge.tasks[index].clone();
        let url = match transfer {
            Transfer::Upload => self.server.store.issue_upload(self.device, resource.clone()),
            Transfer::Download => {
                let file = self.attempt.setup.resource;
                let source = file.source(&Arc::from(file.bytes(&self.scenario.id)));
                let issued =
                    self.server.store.issue_download(Some(self.device), resource.clone(), source);
                issued.map(|task| task.url)
            }
        };
        // Any URL is sufficient here.
        let url = url.unwrap_or_else(|error| unreachable!("a store issues URLs: {error}"));
        self.judge.issued(&url, index, &[], true);
        ResourceTask::new(resource, url)
    }
}
